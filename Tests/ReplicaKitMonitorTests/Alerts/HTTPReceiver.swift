/// A receiver of webhooks that answers as the path says.
let httpReceiver = #"""
    import json, socket, struct, sys, threading, time

    def serve(connection):
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(65536)
            if not part: return
            data += part
        head, body = data.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
        while len(body) < int(headers.get("content-length", 0)):
            body += connection.recv(65536)
        method, path, _ = lines[0].split(" ")
        print(json.dumps({"method": method, "path": path, "headers": headers, "body": body.decode()}), flush=True)

        def answer(status, body=b"", extra=""):
            connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{extra}Connection: close\r\n\r\n".encode() + body)

        name = path.split("/")[1]
        if name.isdigit(): answer(int(name), b"no: " + path.encode() + b" " + headers.get("authorization", "").encode())
        elif name == "ok": answer(200, b"ok")
        elif name == "login": answer(200, b"<html>please log in</html>")
        elif name == "busy": answer(429, b"slow down", "Retry-After: 7\r\n")
        elif name == "redirect": answer(302, b"", "Location: /ok\r\n")
        elif name == "v2": answer(202, json.dumps({"status": "success", "message": "Event processed", "dedup_key": "x"}).encode())
        elif name == "notjson": connection.sendall(b"220 this is a mail server\r\n")
        elif name == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif name == "hang": time.sleep(60)
        elif name == "half":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok"); time.sleep(60)
        elif name == "endless":
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            try:
                while True: connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            except OSError: pass
        connection.close()

    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()
    """#
