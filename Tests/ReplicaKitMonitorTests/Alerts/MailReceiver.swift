/// A mail server, by aiosmtpd: the mode, the certificate's file, and the mechanism of logins that it leaves out.
let mailReceiver = #"""
    import asyncio, json, ssl, sys, warnings
    warnings.simplefilter("ignore")
    from aiosmtpd.smtp import SMTP, AuthResult

    mode, certificate, excluded = sys.argv[1:4]

    class Handler:
        async def handle_RCPT(self, server, session, envelope, address, options):
            if address.startswith("unknown"): return "550 5.1.1 no such user"
            if address.startswith("busy"): return "451 4.7.1 try again later"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server, session, envelope):
            print(json.dumps({
                "from": envelope.mail_from, "to": envelope.rcpt_tos, "data": envelope.original_content.decode(),
                "user": getattr(session.auth_data, "login", b"").decode() if session.authenticated else None,
                "encrypted": session.ssl is not None, "hello": session.host_name,
            }), flush=True)
            return "250 2.0.0 queued"

    def authenticate(server, session, envelope, mechanism, data):
        good = data.login == b"robot" and data.password == "pässword".encode()
        return AuthResult(success=good, handled=False, auth_data=data)

    async def raw(reader, writer):
        # A server that says what it must not: more than its reply before TLS begins, or no mail at all.
        if mode == "garbage": writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        elif mode == "silent": await asyncio.sleep(60)
        elif mode == "endless":
            try:
                while True:
                    writer.write(b"220-hello\r\n" * 100)
                    await writer.drain()
            except OSError: return
        else:
            writer.write(b"220 hello\r\n")
            await reader.readline()
            writer.write(b"250-here\r\n250 STARTTLS\r\n")
            await reader.readline()
            writer.write(b"220 go on\r\n250-injected\r\n250 AUTH PLAIN\r\n")
        await writer.drain()
        line = await reader.readline()
        print(json.dumps({"line": line.decode(errors="replace")}), flush=True)
        writer.close()

    async def main():
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        def smtp():
            options = {"hostname": "receiver"}
            if mode == "starttls": options.update(tls_context=tls, require_starttls=True)
            if mode in ("starttls", "implicit"):
                options.update(authenticator=authenticate, auth_required=True, auth_require_tls=mode == "starttls")
            if excluded: options["auth_exclude_mechanism"] = [excluded]
            return SMTP(Handler(), **options)
        loop = asyncio.get_running_loop()
        if mode in ("starttls", "implicit", "plain"):
            server = await loop.create_server(smtp, "127.0.0.1", 0, ssl=tls if mode == "implicit" else None)
        else:
            server = await asyncio.start_server(raw, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(main())
    """#
