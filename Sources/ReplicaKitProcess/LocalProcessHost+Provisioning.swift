import Glibc
internal import Logging
public import ReplicaKit

extension LocalProcessHost {
    /// Makes the member's directory with everything a first start needs, or completes it.
    ///
    /// Each file appears whole or not at all, the config last: cut short at any point, even by SIGKILL or a loss of
    /// power, creation is simply done again.
    ///
    /// - Throws: ``ReplicaKitError/Code/directoryInUse`` when the directory is another's or has files in it that this
    ///   host did not make; ``ReplicaKitError/Code/keyFileMismatch`` when the member has another keyfile, and
    ///   ``ReplicaKitError/Code/invalidArgument`` when no server would take this one;
    ///   ``ReplicaKitError/Code/fileUnwritable``; ``ReplicaKitError/Code/diskFull``;
    ///   ``ReplicaKitError/Code/tlsConfiguration``.
    public func create(_ member: MemberName, keyFile: Secret) async throws {
        let directory = try directory(of: member)
        if let problem = KeyFileText.problem(in: keyFile.reveal()) {
            throw ReplicaKitError(
                .invalidArgument,
                "the set's keyfile cannot be used: \(problem)",
                hint: "Make one with: openssl rand -base64 756."
            )
        }
        try reporting("create \"\(member)\"") {
            try makeDirectories(upTo: directory.root)
            try makeDirectory(directory.paths.directory)
            _ = try directory.isOurs()
        }
        let lock = try await lock(directory)
        try reporting("create \"\(member)\"") {
            if try !directory.isOurs() {
                try claim(directory)
                logger.info(
                    "creating member",
                    metadata: ["member": "\(member)", "directory": "\(directory.paths.directory)"]
                )
            }
            let paths = directory.paths
            try makeDirectory(paths.database)
            guard FileStatus(of: paths.database)?.kind == .directory else {
                throw directory.inUse("has a \(MemberPaths.Name.database) that is not a directory")
            }
            try writeKeyFile(keyFile, directory)
            if FileStatus(of: paths.config)?.kind != .file { try writeConfig(directory) }
            try removeUnfinished(paths.directory)
        }
        withExtendedLifetime(lock) {}
    }

    /// Removes the member's config, pid file and socket and, with `includingData`, everything else of it.
    ///
    /// Only files of names that this host or `mongod` make are removed, and symbolic links are removed as such, not
    /// followed. A file of another name stays, and with it the directory; the log says so.
    ///
    /// - Throws: ``ReplicaKitError/Code/directoryInUse`` when the member runs, or the directory is another's.
    public func remove(_ member: MemberName, includingData: Bool) async throws {
        let directory = try directory(of: member)
        guard try directory.isOurs() else { return try removeEmpty(directory) }
        let lock = try await lock(directory)
        if let (handle, _) = directory.finder.find() {
            throw ReplicaKitError(
                .directoryInUse,
                "member \"\(member)\" runs (process \(handle.pid)), and only a stopped one can be removed",
                member: directory.member.host,
                hint: "Stop it first: rkctl stop."
            )
        }
        try await endStandalone(directory)
        let paths = directory.paths
        let left = try await onBackgroundThread {
            try reporting("remove \"\(member)\"") { try MemberRemoval(paths: paths).run(includingData: includingData) }
        }
        if !left.isEmpty {
            logger.notice(
                "files that ReplicaKit did not make were left where they are",
                metadata: ["member": "\(member)", "directory": "\(paths.directory)", "files": "\(left)"]
            )
        }
        logger.info("removed member", metadata: ["member": "\(member)", "data": "\(includingData)"])
        withExtendedLifetime(lock) {}
    }

    /// Takes the lock of a member's directory, waiting for whoever has it.
    func lock(_ directory: MemberDirectory) async throws -> DirectoryLock {
        let path = directory.paths.directory
        let lock = try await clock.poll(for: startDeadline * 10, every: .milliseconds(20)) {
            try reporting("lock the directory of \"\(directory.member.name)\"") { try DirectoryLock.attempt(path) }
        }
        if let lock { return lock }
        throw directory.inUse("is being worked on by another program")
    }

    /// Writes the member's config as the spec has it now, unless the file has it already.
    func writeConfig(_ directory: MemberDirectory) throws {
        let bytes = Array(try config(of: directory).text.utf8)
        let path = directory.paths.config
        if (try? readSmallFileBytes(path)) != bytes { try writeAtomically(bytes, to: path, permissions: 0o600) }
    }

    private func config(of directory: MemberDirectory) throws -> MongodConfig {
        MongodConfig(
            setName: directory.paths.isStandalone ? nil : spec.name,
            member: directory.member,
            paths: directory.paths,
            cacheGigabytes: runtime.cacheSizeMB.map { Double($0) / 1024 }
                ?? CacheSize.gigabytes(memory: MachineMemory.bytes() ?? 0, members: spec.members.count),
            oplogSizeMB: runtime.oplogSizeMB,
            parameters: directory.paths.isStandalone ? StandaloneConfig.parameters : runtime.parameters,
            tls: try tls()
        )
    }

    private func tls() throws -> MongodConfig.TLS? {
        guard let tls = spec.security.tls else { return nil }
        let hint = "Name readable PEM files in the spec: security: {tls: {caFile: …, certificateKeyFile: …}}."
        guard let certificate = tls.certificateKeyFile else {
            throw ReplicaKitError(
                .tlsConfiguration,
                "members that are started here need a certificate, and the spec names none",
                hint: hint
            )
        }
        for path in [certificate, tls.caFile] where access(absolute(path), R_OK) != 0 {
            throw ReplicaKitError(
                .tlsConfiguration,
                "cannot read \(absolute(path)): \(SystemError.text(of: errno))",
                hint: hint
            )
        }
        return MongodConfig.TLS(
            certificateKeyFile: canonicalPath(absolute(certificate)),
            caFile: canonicalPath(absolute(tls.caFile)),
            clientsNeedCertificate: tls.clientCertificateKeyFile != nil
        )
    }

    /// Makes a directory that is empty, or has only what an interrupted creation leaves, this member's.
    private func claim(_ directory: MemberDirectory) throws {
        let path = directory.paths.directory
        let others = try namesInDirectory(path).filter { !TemporaryName.matches($0) && $0 != "lost+found" }
        guard others.isEmpty else {
            throw directory.inUse(
                "is not empty and not ReplicaKit's: it has \(others.prefix(3).joined(separator: ", "))"
            )
        }
        guard chmod(path, 0o700) == 0 else { throw SystemError("chmod", path) }
        try writeAtomically(try directory.marker.encoded(), to: directory.paths.marker, permissions: 0o600)
    }

    private func writeKeyFile(_ keyFile: Secret, _ directory: MemberDirectory) throws {
        let path = directory.paths.keyFile
        let bytes = Array(keyFile.reveal().utf8)
        guard let status = FileStatus(of: path) else {
            return try writeAtomically(bytes, to: path, permissions: 0o400)
        }
        guard status.kind == .file, try readSmallFileBytes(path) == bytes else {
            throw ReplicaKitError(
                .keyFileMismatch,
                "member \"\(directory.member.name)\" was created with another keyfile",
                member: directory.member.host,
                hint: "Put the set's keyfile back, or remove \(path) of every member and start them with the new one."
            )
        }
    }

    private func removeUnfinished(_ directory: String) throws {
        for name in try namesInDirectory(directory) where TemporaryName.matches(name) { unlink(directory + "/" + name) }
    }

    private func removeEmpty(_ directory: MemberDirectory) throws {
        guard FileStatus(of: directory.paths.directory) != nil else { return }
        try reporting("remove \"\(directory.member.name)\"") { try removeUnfinished(directory.paths.directory) }
        // Not ours when something is in it: then it stays.
        rmdir(directory.paths.directory)
    }
}

/// Makes a directory of mode 0700 unless there is one.
private func makeDirectory(_ path: String) throws {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SystemError("mkdir", path) }
}

/// Makes a directory and what is missing above it.
private func makeDirectories(upTo path: String) throws {
    if FileStatus(of: path)?.kind == .directory { return }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
        try makeDirectories(upTo: String(path[..<slash]))
    }
    try makeDirectory(path)
}
