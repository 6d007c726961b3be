import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitDocker

/// The real engine behind a door that wants certificates, as `dockerd --tlsverify` does.
@Suite("An engine over TLS", .dockerEngine(), .serialized)
struct TLSTests {
    /// Passes bytes between TLS connections with a client certificate and the engine's socket.
    private static let door = """
        import socket, ssl, sys, threading
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=sys.argv[2])
        context.load_cert_chain(sys.argv[1])
        context.verify_mode = ssl.CERT_REQUIRED
        listener = socket.create_server(("127.0.0.1", int(sys.argv[3])))
        def copy(source, sink):
            try:
                while data := source.recv(65536): sink.sendall(data)
            except OSError: pass
            for end in (source, sink):
                try: end.shutdown(socket.SHUT_RDWR)
                except OSError: pass
        def serve(plain):
            try: client = context.wrap_socket(plain, server_side=True)
            except OSError: return plain.close()
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(sys.argv[4])
            threading.Thread(target=copy, args=(client, engine), daemon=True).start()
            copy(engine, client)
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
        """

    private func with(_ body: (Int, TestCertificates) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let certificates = try TestCertificates(in: directory)
            let port = try FreePorts.next()
            let socket = try DockerEngine.required().replacing("unix://", with: "")
            let process = Process()
            process.executableURL = URL(filePath: Judge.python)
            process.arguments = ["-c", Self.door, certificates.memberFile, certificates.caFile, "\(port)", socket]
            try process.run()
            defer {
                // Not SIGTERM, which it may have inherited as blocked.
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            while await !DockerHost.connects(to: MemberAddress(host: "127.0.0.1", port: port)) {
                guard process.isRunning else { throw TestFailure("the door does not open") }
                try await Task.sleep(for: .milliseconds(20))
            }
            try await body(port, certificates)
        }
    }

    @Test("A container is made, started, stopped and removed", .timeLimit(.minutes(20)))
    func life() async throws {
        try await with { port, certificates in
            let files = URL(filePath: certificates.caFile).deletingLastPathComponent().path
            for (name, file) in [("cert.pem", certificates.clientFile), ("key.pem", certificates.clientFile)] {
                try FileManager.default.copyItem(atPath: file, toPath: "\(files)/\(name)")
            }
            try await Containers.with { containers in
                var spec = containers.spec
                var runtime = try containers.runtime
                runtime.endpoint = "tcp://127.0.0.1:\(port)"
                spec.runtime = .docker(runtime)
                let host = try DockerHost(
                    spec: spec,
                    baseDirectory: containers.directory.path,
                    resolver: DockerEndpointResolver(environment: [
                        "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": files,
                    ]),
                    logger: .silent
                )
                try await host.create("a", keyFile: containers.keyFile)
                try await host.start("a")
                #expect(try await host.stop("a", grace: .seconds(60)) == .clean)
                try await host.remove("a", includingData: true)
                #expect(try await host.state(of: "a") == .absent)
            }
        }
    }

    @Test("No client certificate and a wrong CA are told apart", .timeLimit(.minutes(20)))
    func refusals() async throws {
        try await with { port, certificates in
            func words(_ tls: DockerTLS) async throws -> String {
                let client = try EngineClient(.tcp(host: "127.0.0.1", port: port, tls: tls))
                do {
                    try await client.ping()
                    return "it answered"
                } catch let error as ReplicaKitError {
                    #expect(error.code == .engineUnreachable && error.hint != nil)
                    return error.message
                }
            }
            let stranger = try await words(DockerTLS(caFile: certificates.caFile))
            #expect(stranger.contains("wants a client certificate"))
            let wrong = try await words(
                DockerTLS(
                    caFile: certificates.otherCAFile,
                    certificateFile: certificates.clientFile,
                    keyFile: certificates.clientFile
                )
            )
            #expect(wrong.contains("not signed by the given CA"))
        }
    }
}
