/// A write that was acknowledged by a majority, read back and removed again.
public struct WriteCheck: Sendable, Hashable {
    /// The primary that took it.
    public var primary: MemberAddress
    /// How long the majority took to acknowledge it, in seconds: what a careful client waits for each write.
    public var writeSeconds: Double
    /// How long the primary took to read it back, in seconds.
    public var readSeconds: Double
}

extension ReplicaSet {
    /// Writes a document as the administrator with `w: majority, j: true`, reads it back, and removes every trace.
    ///
    /// It proves more than a status can: that clients are let in, that there is a primary, and that a majority of
    /// members writes to their disks.
    ///
    /// - Throws: ``ReplicaKitError/Code/noPrimary`` and what ``ReplicaSetSnapshot/requirePrimary()`` says;
    ///   ``ReplicaKitError/Code/writeConcernFailed`` when the majority did not acknowledge in time.
    public func checkWrite() async throws -> WriteCheck {
        let primary = try await primaryByHello()
        let id = ObjectID(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
        // A collection of its own: checks that run at the same time do not remove each other's.
        let namespace = Namespace(database: "replicakit", collection: "writeCheck-\(id.hexString)")
        let limit = limits.call
        let clock = toolbox.clock
        let concern = WriteConcernSpec(w: .tag("majority"), j: true, wtimeoutMS: Int(limit.seconds * 1000))
        return try await performer.access.with(primary, as: .administrator) { connection in
            let insert = InsertOne(["_id": .objectID(id)], into: namespace, writeConcern: concern)
            do {
                // The server's own limit passes first and says what is missing; the network's is for a hung server.
                let writeSeconds = try await clock.seconds {
                    _ = try await connection.run(insert, timeout: limit + .seconds(1))
                }
                var found: BSONDocument?
                let readSeconds = try await clock.seconds {
                    found = try await connection.run(FindOne(in: namespace), timeout: limit).found
                }
                guard found?["_id"] == .objectID(id) else {
                    throw ReplicaKitError(
                        .unexpectedReply,
                        "a document that a majority acknowledged was not there to be read",
                        member: primary,
                        hint: "Look at `rkctl status`: an election may have taken the write back."
                    )
                }
                _ = try await connection.run(DropCollection(namespace), timeout: limit)
                return WriteCheck(primary: primary, writeSeconds: writeSeconds, readSeconds: readSeconds)
            } catch {
                _ = try? await connection.run(DropCollection(namespace), timeout: limit)
                throw error
            }
        }
    }

    private func primaryByHello() async throws -> MemberAddress {
        if let primary = await performer.access.writableMember() { return primary }
        // There is none, and a look at everything tells why.
        return try await snapshot().requirePrimary().address
    }
}
