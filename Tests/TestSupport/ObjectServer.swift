import Foundation
import Glibc

/// A real S3 server on the loopback that checks every signature, with a proxy before it that can spoil answers.
public struct ObjectServer: Sendable {
    /// The port of the proxy.
    public let port: Int
    /// The port of the server itself.
    public let serverPort: Int
    /// The name of the access key that may do everything.
    public let accessKeyID: String
    /// Its secret.
    public let secret: String
    /// A file of rules for the proxy, each a JSON object on its line.
    private let rules: String

    /// What the proxy does to some requests.
    public struct Fault: Encodable, Sendable {
        /// Of the method and the path with its query.
        public var pattern: String
        /// `status`: answers without asking the server. `lose`: asks it, and closes the connection without an answer.
        /// `cut`: closes it in the middle of the body. `tag`: gives another ETag.
        public var kind: String
        /// The status of an answer of its own.
        public var status: Int
        /// How often.
        public var times: Int
        /// The body of an answer of its own.
        public var body: String

        /// Creates a fault.
        public init(pattern: String, kind: String, status: Int = 503, times: Int = 1, body: String = "") {
            self.pattern = pattern
            self.kind = kind
            self.status = status
            self.times = times
            self.body = body
        }
    }

    /// Starts a server with a bucket called `kept`, lends it, and ends it.
    public static func with<Result>(_ body: (ObjectServer) async throws -> Result) async throws -> Result {
        try await TemporaryDirectory.with(prefix: "s3") { directory in
            let (serverPort, port) = (try FreePorts.next(), try FreePorts.next())
            let rules = directory.path("rules")
            try Data().write(to: URL(filePath: rules))
            // Four requests make the user and the bucket; from then on every one must be signed and allowed.
            let server = try start(
                ["-m", "moto.server", "-H", "127.0.0.1", "-p", "\(serverPort)"],
                ["INITIAL_NO_AUTH_ACTION_COUNT": "4"]
            )
            defer { stop(server) }
            let proxy = try start(["-c", Self.proxy, "\(port)", "\(serverPort)", rules])
            defer { stop(proxy) }
            let key = try await Judge.ask(
                """
                import boto3, json, socket, time
                end = time.monotonic() + 120
                for port in input:
                    while True:
                        try:
                            socket.create_connection(("127.0.0.1", port), 1).close()
                            break
                        except OSError:
                            assert time.monotonic() < end, "the server does not listen"
                            time.sleep(0.05)
                common = dict(endpoint_url=f"http://127.0.0.1:{input[0]}", region_name="us-east-1",
                              aws_access_key_id="first", aws_secret_access_key="first")
                iam = boto3.client("iam", **common)
                iam.create_user(UserName="keeper")
                key = iam.create_access_key(UserName="keeper")["AccessKey"]
                iam.put_user_policy(UserName="keeper", PolicyName="all", PolicyDocument=json.dumps(
                    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
                boto3.client("s3", **common).create_bucket(Bucket="kept")
                result = [key["AccessKeyId"], key["SecretAccessKey"]]
                """,
                input: [serverPort, port],
                as: [String].self
            )
            let lent = ObjectServer(
                port: port,
                serverPort: serverPort,
                accessKeyID: key[0],
                secret: key[1],
                rules: rules
            )
            return try await body(lent)
        }
    }

    /// Asks another client of the server; `s3` is there.
    public func ask<Answer: Decodable & Sendable>(_ script: String, as answer: Answer.Type) async throws -> Answer {
        let prelude = """
            import boto3, base64, hashlib
            s3 = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{input['port']}", region_name="us-east-1",
                              aws_access_key_id=input["key"], aws_secret_access_key=input["secret"])

            """
        let input = ["port": "\(serverPort)", "key": accessKeyID, "secret": secret]
        return try await Judge.ask(prelude + script, input: input, as: answer)
    }

    /// From now on the proxy does this.
    public func spoil(_ faults: Fault...) throws {
        let lines = try faults.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        try lines.joined(separator: "\n").write(toFile: rules, atomically: true, encoding: .utf8)
    }

    private static func start(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: Judge.python)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private static func stop(_ process: Process) {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static let proxy = #"""
        import http.client, http.server, json, re, socket, sys, threading
        port, server, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
        used, lock = {}, threading.Lock()

        def fault(request):
            with lock:
                for line in open(path):
                    rule = json.loads(line) if line.strip() else None
                    if rule and re.search(rule["pattern"], request) and used.get(line, 0) < rule["times"]:
                        used[line] = used.get(line, 0) + 1
                        return rule

        class Proxy(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *words): pass
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                rule = fault(f"{self.command} {self.path}") or {"kind": "none"}
                if rule["kind"] == "status":
                    return self.reply(rule["status"], {}, rule["body"].encode())
                upstream = http.client.HTTPConnection("127.0.0.1", server)
                upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items(): upstream.putheader(name, value)
                upstream.endheaders(body)
                response = upstream.getresponse()
                data = response.read()
                headers = {name: value for name, value in response.getheaders()
                           if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server")}
                if rule["kind"] == "lose":
                    self.close_connection = True
                    return self.connection.shutdown(socket.SHUT_RDWR)
                if rule["kind"] == "tag": headers["ETag"] = '"' + "0" * 32 + '"'
                self.reply(response.status, headers, data, rule["kind"] == "cut")
            def reply(self, status, headers, data, cut=False):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                if status != 204: self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command == "HEAD": return
                self.wfile.write(data[:len(data) // 2] if cut else data)
                if cut:
                    self.wfile.flush()
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer

        http.server.ThreadingHTTPServer(("127.0.0.1", port), Proxy).serve_forever()
        """#
}
