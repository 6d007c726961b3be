/// Labels by which Compose knows what is its own.
///
/// Source: docker-compose 1.29, `compose/const.py`; Compose v2, `pkg/api/labels.go`.
enum ComposeLabel {
    /// What all of them begin with.
    static let prefix = "com.docker.compose."
    /// The project of a container, volume or network.
    static let project = "com.docker.compose.project"
    /// The service of a container.
    static let service = "com.docker.compose.service"
}
