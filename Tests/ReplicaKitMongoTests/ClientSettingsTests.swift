import CMongoShim
import Foundation
import ReplicaKit
import Testing

@testable import ReplicaKitMongo

@Suite("What a client is made from")
struct ClientSettingsTests {
    private let address = MemberAddress(host: "::1", port: 27018)

    private func settings(
        _ authentication: MemberAuthentication,
        tls: TLSConfiguration? = nil,
        application: String = "test"
    ) throws -> ClientSettings {
        try ClientSettings(address: address, authentication: authentication, tls: tls, application: application)
    }

    private func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }

    @Test func passwordsAreGivenAsTheyAre() throws {
        let password = "p@ss:w/rd?#[]%&=+ ,ü"
        let made = try settings(.password(Credential(user: "us@er", password: Secret(password), source: "db")))
        made.withShimSettings { shim in
            #expect(text(shim.host) == "::1")
            #expect(shim.port == 27018)
            #expect(text(shim.user) == "us@er")
            #expect(text(shim.password) == password)
            #expect(text(shim.source) == "db")
            #expect(shim.mechanism == nil)
            #expect(text(shim.application) == "test")
            #expect(!shim.tls)
            #expect(shim.ca_file == nil)
        }
    }

    @Test func nobodyHasNoUser() throws {
        try settings(.none).withShimSettings { shim in
            #expect(shim.user == nil)
            #expect(shim.password == nil)
            #expect(shim.source == nil)
        }
    }

    @Test func keyFilesAreThePasswordOfTheInternalUser() throws {
        try settings(.keyFile(Secret(" abc\ndef\tghi\r\n"))).withShimSettings { shim in
            #expect(text(shim.user) == "__system")
            #expect(text(shim.password) == "abcdefghi")
            #expect(text(shim.source) == "local")
        }
    }

    @Test(arguments: [
        MemberAuthentication.password(Credential(user: "", password: Secret("x"))),
        .password(Credential(user: "u\0v", password: Secret("x"))),
        .password(Credential(user: "u", password: Secret(""))),
        .password(Credential(user: "u", password: Secret("x\0y"))),
        .password(Credential(user: "u", password: Secret("x"), source: "a\0b")),
        .keyFile(Secret(" \n")),
    ])
    func whatNoUserCanHave(authentication: MemberAuthentication) throws {
        let error = #expect(throws: ReplicaKitError.self) { try settings(authentication) }
        #expect(error?.code == .invalidArgument)
    }

    @Test func certificatesNeedOne() throws {
        let error = #expect(throws: ReplicaKitError.self) { try settings(.certificate) }
        #expect(error?.code == .tlsConfiguration)
        let tls = try TLSConfiguration(caFile: "/etc/passwd", clientCertificateKeyFile: "/etc/passwd")
        try settings(.certificate, tls: tls).withShimSettings { shim in
            #expect(text(shim.mechanism) == "MONGODB-X509")
            #expect(shim.tls)
            #expect(text(shim.certificate_key_file) == "/etc/passwd")
            #expect(shim.user == nil)
        }
    }

    @Test func longApplicationNamesAreCut() throws {
        #expect(try settings(.none, application: String(repeating: "ü", count: 100)).application.utf8.count == 128)
    }

    @Test(arguments: ["relative.pem", "/no/such/file.pem", "/etc", "/etc/pass\0wd"])
    func tlsFilesAreLookedAt(path: String) {
        let error = #expect(throws: ReplicaKitError.self) { try TLSConfiguration(caFile: path) }
        #expect(error?.code == .tlsConfiguration)
        let second = #expect(throws: ReplicaKitError.self) {
            try TLSConfiguration(caFile: "/etc/passwd", clientCertificateKeyFile: path)
        }
        #expect(second?.message.contains("client certificate") == true)
    }
}
