// Prints the list of an installed package disposable-email-domains, as it is bundled: sorted by
// bytes, one domain a line, none that lies below another one of the list.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { domainToASCII } from "node:url";

// Forwarding services of honest people, and providers where most mailboxes are kept for years.
// A domain that is here is left out, with all below it.
const KEPT = new Set([
  "duck.com",
  "privaterelay.appleid.com",
  "mozmail.com",
  "simplelogin.com",
  "simplelogin.fr",
  "anonaddy.com",
  "addy.io",
  "mail.com",
  "email.com",
  "gmx.com",
  "posteo.de",
  "mailbox.org",
  "tutanota.com",
  "protonmail.com",
  "proton.me",
  "fastmail.com",
  "rambler.ru",
  "yandex.com",
  "qq.com",
  "naver.com",
]);

const folder = process.argv[2];
const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const { version, license } = read("package.json");

const all = new Set();
for (const entry of [...read("index.json"), ...read("wildcard.json")]) {
  const domain = domainToASCII(entry.trim().toLowerCase().replace(/^\*\./, ""));
  if (/^[a-z0-9._-]+\.[a-z0-9-]+$/.test(domain)) all.add(domain);
}

const parents = (domain) => {
  const labels = domain.split(".");
  return labels.slice(1, -1).map((_, index) => labels.slice(index + 1).join("."));
};
const domains = [...all].filter(
  (domain) =>
    !KEPT.has(domain) && !parents(domain).some((parent) => all.has(parent) || KEPT.has(parent)),
);
domains.sort((a, b) => (a < b ? -1 : 1));

console.log(`# Domains whose mail addresses are made to be thrown away; a domain below one counts too.
# Licence of the list: ${license}.
# Source: the npm package disposable-email-domains ${version}; scripts/update_disposable_domains.sh.`);
console.log(domains.join("\n"));
