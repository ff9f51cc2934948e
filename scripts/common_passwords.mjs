// Prints the passwords that an installed package @zxcvbn-ts/language-common finds most common, as
// they are bundled: folded to lower case, of at least 8 bytes, sorted by bytes, one a line.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const MOST = 10_000;
const LEAST_BYTES = 8;

const folder = process.argv[2];
const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const { version, license } = read("package.json");

// The package ranks them: what many people use comes first.
const common = new Set();
for (const entry of read("src/passwords.json")) {
  const password = entry.normalize("NFC").toLowerCase();
  if (Buffer.byteLength(password) >= LEAST_BYTES && !password.startsWith("#")) common.add(password);
  if (common.size === MOST) break;
}

console.log(`# Passwords that many people use, folded to lower case.
# Licence of the list: ${license}; Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc., (c) 2021 @zxcvbn-ts.
# Source: the npm package @zxcvbn-ts/language-common ${version}; scripts/update_common_passwords.sh.`);
console.log([...common].sort((a, b) => (a < b ? -1 : 1)).join("\n"));
