import Foundation
import ReplicaKit
import ReplicaKitMongo
import TestSupport

/// A CA with certificates for servers and clients, and a stranger's CA, made with the openssl command.
struct TestCertificates {
    let directory: TemporaryDirectory

    var caFile: String { directory.path("ca.pem") }
    var strangersCAFile: String { directory.path("stranger.pem") }
    var serverFile: String { directory.path("server.pem") }
    var clientFile: String { directory.path("client.pem") }
    /// A server's certificate for a host that is not this one.
    var elsewhereFile: String { directory.path("elsewhere.pem") }
    /// The same client, its key encrypted with ``keyPassword``.
    var encryptedClientFile: String { directory.path("client-encrypted.pem") }

    static let keyPassword = "key pass/word"
    /// The client's name as servers write it.
    static let clientSubject = "CN=operator,OU=people,O=ReplicaKit tests"

    /// Makes the certificates in a directory.
    init(in directory: TemporaryDirectory) throws {
        self.directory = directory
        try makeCA("ca", subject: "/CN=test CA")
        try makeCA("stranger", subject: "/CN=another CA")
        let here = "DNS:localhost,IP:127.0.0.1,IP:::1"
        try makeCertificate("server", subject: "/O=ReplicaKit tests/OU=servers/CN=localhost", names: here)
        try makeCertificate("elsewhere", subject: "/O=ReplicaKit tests/CN=elsewhere", names: "DNS:elsewhere.example")
        try makeCertificate("client", subject: "/O=ReplicaKit tests/OU=people/CN=operator", names: here)
        try openssl(
            "rsa",
            "-aes256",
            "-in",
            "client.key",
            "-out",
            "client-encrypted.key",
            "-passout",
            "pass:\(Self.keyPassword)"
        )
        try join(["client.crt", "client-encrypted.key"], as: "client-encrypted.pem")
    }

    private func makeCA(_ name: String, subject: String) throws {
        try openssl(
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            subject,
            "-keyout",
            "\(name).key",
            "-out",
            "\(name).pem"
        )
    }

    private func makeCertificate(_ name: String, subject: String, names: String) throws {
        try Data("subjectAltName=\(names)\n".utf8).write(to: URL(filePath: directory.path("\(name).ext")))
        try openssl(
            "req",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            subject,
            "-keyout",
            "\(name).key",
            "-out",
            "\(name).csr"
        )
        try openssl(
            "x509",
            "-req",
            "-in",
            "\(name).csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "\(name).ext",
            "-out",
            "\(name).crt"
        )
        try join(["\(name).crt", "\(name).key"], as: "\(name).pem")
    }

    private func join(_ parts: [String], as name: String) throws {
        var data = Data()
        for part in parts { data += try Data(contentsOf: URL(filePath: directory.path(part))) }
        try data.write(to: URL(filePath: directory.path(name)))
    }

    private func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = URL(filePath: directory.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw TestFailure("openssl \(arguments.joined(separator: " "))") }
    }
}
