"""Checks a webhook with the published library for Python: JSON in, the outcome out."""

import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError

request = json.load(sys.stdin)
try:
    Webhook(request["secret"]).verify(request["body"].encode(), request["headers"])
    print("true")
except WebhookVerificationError as error:
    print(json.dumps(str(error)))
