// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "ReplicaKit",
    products: [
        .library(name: "ReplicaKit", targets: ["ReplicaKit"]),
        .library(name: "ReplicaKitMongo", targets: ["ReplicaKitMongo"]),
        .library(name: "ReplicaKitProcess", targets: ["ReplicaKitProcess"]),
        .library(name: "ReplicaKitDocker", targets: ["ReplicaKitDocker"]),
        .library(name: "ReplicaKitMonitor", targets: ["ReplicaKitMonitor"]),
        .library(name: "ReplicaKitBackup", targets: ["ReplicaKitBackup"]),
        .library(name: "ReplicaKitS3", targets: ["ReplicaKitS3"]),
        .library(name: "ReplicaKitTesting", targets: ["ReplicaKitTesting"]),
        .executable(name: "rkctl", targets: ["rkctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.6.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.100.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.30.0"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.5.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.20.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.0"),
    ],
    targets: [
        .target(
            name: "ReplicaKit",
            dependencies: [.product(name: "Logging", package: "swift-log")]
        ),
        .systemLibrary(
            name: "CLibMongoC",
            pkgConfig: "libmongoc-1.0",
            providers: [.apt(["libmongoc-dev"]), .brew(["mongo-c-driver@1"])]
        ),
        .target(
            name: "CMongoShim",
            dependencies: ["CLibMongoC"],
            cSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)]
        ),
        .target(
            name: "ReplicaKitMongo",
            dependencies: ["ReplicaKit", "CMongoShim", .product(name: "Logging", package: "swift-log")]
        ),
        .target(
            name: "CPidfd",
            cSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)]
        ),
        .target(
            name: "ReplicaKitProcess",
            dependencies: [
                "ReplicaKit", "CPidfd",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "ReplicaKitDocker",
            dependencies: [
                "ReplicaKit",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "ReplicaKitMonitor",
            dependencies: [
                "ReplicaKit",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .systemLibrary(
            name: "CZstd",
            pkgConfig: "libzstd",
            providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]
        ),
        .systemLibrary(
            name: "CLibDeflate",
            pkgConfig: "libdeflate",
            providers: [.apt(["libdeflate-dev"]), .brew(["libdeflate"])]
        ),
        .systemLibrary(
            name: "CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]
        ),
        .target(
            name: "ReplicaKitBackup",
            dependencies: [
                "ReplicaKit", "CLibDeflate", "CZlib", "CZstd",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "ReplicaKitS3",
            dependencies: [
                "ReplicaKit", "ReplicaKitBackup",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        .target(name: "ReplicaKitTesting", dependencies: ["ReplicaKit"]),
        .testTarget(name: "ReplicaKitTests", dependencies: ["ReplicaKit", "ReplicaKitTesting"]),
        .target(
            name: "TestSupport",
            dependencies: ["ReplicaKit", "ReplicaKitProcess", .product(name: "Logging", package: "swift-log")],
            path: "Tests/TestSupport"
        ),
        .testTarget(
            name: "ReplicaKitProcessTests",
            dependencies: ["ReplicaKitProcess", "ReplicaKitTesting", "TestSupport"]
        ),
        .testTarget(
            name: "ReplicaKitDockerTests",
            dependencies: [
                "ReplicaKit", "ReplicaKitDocker", "ReplicaKitMongo", "ReplicaKitTesting", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "ReplicaKitMongoTests",
            dependencies: ["ReplicaKit", "ReplicaKitMongo", .product(name: "Logging", package: "swift-log")]
        ),
        .testTarget(
            name: "ReplicaKitMonitorTests",
            dependencies: [
                "ReplicaKit", "ReplicaKitMongo", "ReplicaKitMonitor", "ReplicaKitTesting", "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            // Read by the tests where it stands.
            exclude: ["Real/browser.py"]
        ),
        .testTarget(name: "ReplicaKitBackupTests", dependencies: ["ReplicaKit", "ReplicaKitBackup", "TestSupport"]),
        .testTarget(
            name: "ReplicaKitS3Tests",
            dependencies: [
                "ReplicaKit", "ReplicaKitBackup", "ReplicaKitS3", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "ReplicaKit", "ReplicaKitBackup", "ReplicaKitMongo", "ReplicaKitProcess", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .executableTarget(
            name: "rkctl",
            dependencies: [
                "ReplicaKit", "ReplicaKitBackup", "ReplicaKitDocker", "ReplicaKitMongo", "ReplicaKitMonitor",
                "ReplicaKitProcess", "ReplicaKitS3",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .testTarget(name: "rkctlTests", dependencies: ["rkctl", "ReplicaKit", "TestSupport"]),
        .executableTarget(
            name: "EmbeddingExample",
            dependencies: ["ReplicaKit", "ReplicaKitMongo", .product(name: "Logging", package: "swift-log")],
            path: "Examples/Embedding"
        ),
    ],
    swiftLanguageModes: [.v6]
)

// One list of settings for all our targets: a target that needs less strictness has a defect.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
}
