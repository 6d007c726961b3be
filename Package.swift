// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "ReplicaKit",
    products: [
        .library(name: "ReplicaKit", targets: ["ReplicaKit"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log.git", from: "1.6.0")
    ],
    targets: [
        .target(
            name: "ReplicaKit",
            dependencies: [.product(name: "Logging", package: "swift-log")]
        ),
        .testTarget(name: "ReplicaKitTests", dependencies: ["ReplicaKit"]),
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
