"""Prints the cells of a workbook as JSON: value, type, and whether it has the mark of a text."""

import json
import sys

from openpyxl import load_workbook
from openpyxl.utils.escape import unescape


def cell_of(cell):
    value = unescape(cell.value) if isinstance(cell.value, str) else cell.value
    return {"value": value, "type": cell.data_type, "quoted": bool(cell.quotePrefix)}


sheets = {sheet.title: [[cell_of(cell) for cell in row] for row in sheet.iter_rows()] for sheet in load_workbook(sys.argv[1])}
json.dump(sheets, sys.stdout, default=str)
