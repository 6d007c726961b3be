import Foundation

/// Certificates for tests, made by the `openssl` command: a CA, a member's and a client's certificate of it, and
/// another CA that signed neither.
public struct TestCertificates: Sendable {
    /// The CA's certificate.
    public let caFile: String
    /// A CA that nobody here is signed by.
    public let otherCAFile: String
    /// A member's certificate and key, for `localhost`, 127.0.0.1 and ::1.
    public let memberFile: String
    /// A client's certificate and key.
    public let clientFile: String

    /// Makes the files in a directory.
    public init(in directory: TemporaryDirectory) throws {
        caFile = directory.path("ca.pem")
        otherCAFile = directory.path("other-ca.pem")
        memberFile = directory.path("member.pem")
        clientFile = directory.path("client.pem")
        try Self.run(
            """
            set -e
            umask 077
            cd "$1"
            new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
            for ca in ca other-ca; do
                openssl req -x509 $new -keyout $ca.key -out $ca.pem -subj "/O=ReplicaKit tests/CN=$ca"
            done
            sign() {
                openssl req $new -keyout $1.key -out $1.csr -subj "$2"
                printf '%s\\n' "$3" >$1.ext
                openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $1.ext -out $1.crt
                cat $1.crt $1.key >$1.pem
            }
            sign member "/O=ReplicaKit tests/OU=members/CN=localhost" "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"
            sign client "/O=ReplicaKit tests/OU=clients/CN=client" "extendedKeyUsage=clientAuth"
            """,
            directory.path
        )
    }

    private static func run(_ script: String, _ directory: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", script, "sh", directory]
        let log = directory + "/openssl.log"
        guard FileManager.default.createFile(atPath: log, contents: nil) else {
            throw TestFailure("cannot make \(log)")
        }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: URL(filePath: log))
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            throw TestFailure("openssl failed:\n\(text)")
        }
    }
}
