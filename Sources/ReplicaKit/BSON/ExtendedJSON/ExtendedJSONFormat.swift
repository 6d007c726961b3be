/// The two formats of MongoDB Extended JSON, version 2.
public enum ExtendedJSONFormat: Sendable, Hashable, CaseIterable {
    /// Every value keeps its type, as in `{"$numberInt": "1"}`.
    case canonical
    /// Numbers, and dates from 1970 to 9999, are written for people, and read back as the nearest type.
    case relaxed
}
