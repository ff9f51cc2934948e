"""A real mail server on loopback: aiosmtpd, with a certificate of an authority of its own.

Reads what it should be as JSON from its first argument: `tls` ("none", "starttls" or "smtps"),
`login` ([user, password] or null), `host` (of the certificate), `folder` (for the authority's
certificate). Prints its port and the authority's file, then each mail that it takes, as JSON lines, read
back by Python's own parser. Ends with its standard input.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

wanted = json.loads(sys.argv[1])


def say(**line):
    print(json.dumps(line), flush=True)


def part_of(part):
    return {
        "type": part.get_content_type(),
        "disposition": part.get_content_disposition(),
        "name": part.get_filename(),
        "text": part.get_payload(decode=True).decode(),
        "encoding": part["Content-Transfer-Encoding"],
    }


class Taker:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say(
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            user=session.auth_data.login.decode() if session.auth_data else None,
            secure=session.ssl is not None or wanted["tls"] == "smtps",
            peer=session.peer[1],
            raw=envelope.content.decode("ascii"),
            headers=[[name, str(value)] for name, value in message.items()],
            defects=[str(defect) for defect in message.defects],
            parts=[part_of(part) for part in message.walk() if not part.is_multipart()],
        )
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and [data.login.decode(), data.password.decode()] == wanted["login"]
    return AuthResult(success=good, handled=good, auth_data=data if good else None)


def context(authority):
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(wanted["host"]).configure_cert(made)
    return made


async def main():
    authority = trustme.CA()
    path = wanted["folder"] + "/authority.pem"
    authority.cert_pem.write_to_path(path)
    tls = context(authority)
    starttls = wanted["tls"] == "starttls"

    def server():
        return SMTP(
            Taker(),
            tls_context=tls if starttls else None,
            require_starttls=starttls,
            authenticator=authenticate if wanted["login"] else None,
            auth_required=bool(wanted["login"]),
            auth_require_tls=wanted["tls"] == "starttls",
            enable_SMTPUTF8=False,
            loop=asyncio.get_running_loop(),
        )

    listener = await asyncio.get_running_loop().create_server(
        server, "127.0.0.1", 0, ssl=tls if wanted["tls"] == "smtps" else None
    )
    say(port=listener.sockets[0].getsockname()[1], authority=path)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    listener.close()


asyncio.run(main())
