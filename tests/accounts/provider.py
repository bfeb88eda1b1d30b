"""A small OpenID provider on this machine: discovery, keys, token. What it says can be bent for a test."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT = "pilotage"
SECRET = "between the two of us"


class Provider:
    """`codes` maps a code to the claims its token carries; `bend` changes the token before it is signed."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signing_key = self.key
        self.algorithm, self.access_token = "RS256", "access-7f3d0c"
        self.codes, self.asked = {}, []
        self.bend = lambda claims: claims
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self._send(provider.pages().get(urlsplit(self.path).path))

            def do_POST(self):
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self._send(provider.token(form))

            def _send(self, body):
                text = json.dumps(body or {"error": "invalid_request"}).encode()
                self.send_response(200 if body else 400)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *given):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        # What it calls itself.
        self.issuer = self.url
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def pages(self):
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer, "authorization_endpoint": f"{self.url}/authorize", "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys", "userinfo_endpoint": f"{self.url}/userinfo",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/keys": {"keys": [{**public, "kid": "one", "alg": "RS256", "use": "sig"}]},
        }  # fmt: skip

    def token(self, form):
        self.asked.append(form)
        claims = self.codes.pop(form["code"][0], None)
        if claims is None or form.get("client_secret") != [SECRET]:
            return None
        now = int(time.time())
        whole = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, **claims}
        signed = jwt.encode(self.bend(whole), self.signing_key, algorithm=self.algorithm, headers={"kid": "one"})
        return {"access_token": self.access_token, "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def settings(self):
        app = {"provider_id": "sso", "name": "统一身份平台", "client_id": CLIENT, "secret": SECRET,
               "settings": {"server_url": self.url, "fetch_userinfo": False}}  # fmt: skip
        return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}

    def sign_in(self, client, *, state=None, nonce=None, next_url="", **claims):
        """Goes from our button to the provider and back; returns the answer of the callback."""
        there = client.post("/accounts/oidc/sso/login/" + (f"?next={next_url}" if next_url else ""))
        asked = {key: value[0] for key, value in parse_qs(urlsplit(there["Location"]).query).items()}
        self.request = asked
        code = f"code-{time.time_ns()}"
        self.codes[code] = {"sub": "s-1", "preferred_username": "zhang", "nonce": nonce or asked["nonce"]} | claims
        return client.get("/accounts/oidc/sso/login/callback/", {"code": code, "state": state or asked["state"]})
