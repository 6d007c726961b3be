import Foundation
import ReplicaKit

@testable import ReplicaKitDocker

/// Containers as Engine 20.10 inspected them (API 1.41), shortened to what is not the default.
enum InspectedContainer {
    /// One that docker-compose 1.29.2 made from a file with a keyfile, a fixed address and a grace period.
    static func compose(_ name: String, address: String, project: String = "exp") throws -> ContainerDetails {
        try decoded(
            """
            {"Id": "b9494997c103ed61ee1f7bc4b6822e736f517549668e31c7126db44c1b8493\(name)", "Path": "mongod",
             "Args": ["--replSet", "cexp", "--port", "27017", "--bind_ip_all", "--dbpath", "/data/db", "--keyFile",
                      "/replicakit/keyfile", "--wiredTigerCacheSizeGB", "0.25"],
             "State": {"Status": "running", "Running": true, "Paused": false, "Restarting": false, "ExitCode": 0,
                       "Error": "", "StartedAt": "2026-11-24T14:06:55.506538278Z"},
             "Image": "sha256:ca32836c073a618aa0d17ca6ec10a75c9065a0b50a8960b2039c9862e930b7d0", "Name": "/cexp-\(name)",
             "HostConfig": {"Binds": [], "NetworkMode": "cexp-net", "PortBindings": {},
                            "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0}},
             "Mounts": [{"Type": "bind", "Source": "/srv/keyfile", "Destination": "/replicakit/keyfile", "RW": false},
                        {"Type": "volume", "Name": "cexp-\(name)-data", "Source": "/var/lib/docker/volumes/x/_data",
                         "Destination": "/data/db", "Driver": "local", "Mode": "z", "RW": true}],
             "Config": {"Hostname": "b9494997c103", "User": "", "Tty": false, "Env": ["PATH=/usr/bin:/bin"],
                        "Cmd": ["mongod"], "Image": "mongo:6.0.5", "Volumes": null, "Entrypoint": null,
                        "Labels": {"com.docker.compose.config-hash": "3791e8ca", "com.docker.compose.oneoff": "False",
                                   "com.docker.compose.project": "\(project)", "com.docker.compose.service": "\(name)",
                                   "from.image": "1", "hostile": "a$b \\"c\\" yes:"},
                        "StopTimeout": 60},
             "NetworkSettings": {"Bridge": "", "IPAddress": "", "Networks": {"cexp-net": {
                "IPAMConfig": {"IPv4Address": "\(address)"}, "Links": null, "Aliases": ["b9494997c103", "\(name)"],
                "IPAddress": "\(address)", "IPPrefixLen": 24, "DriverOpts": null}}}}
            """
        )
    }

    /// One of `docker run` with the official image: a published port, a password in the environment, a directory of the
    /// machine, a script before the server, and no more than the defaults for its end.
    static func plain(_ name: String, address: String) throws -> ContainerDetails {
        try decoded(
            """
            {"Id": "aa494997c103ed61ee1f7bc4b6822e736f517549668e31c7126db44c1b8493\(name)",
             "Path": "docker-entrypoint.sh",
             "Args": ["mongod", "--replSet=cexp", "--bind_ip_all", "--quiet", "--setParameter", "ttlMonitorSleepSecs=30"],
             "State": {"Status": "exited", "Running": false, "ExitCode": 0}, "Image": "sha256:other", "Name": "/\(name)",
             "HostConfig": {"PortBindings": {"27017/tcp": [{"HostIp": "", "HostPort": "37017"}], "28017/tcp": null},
                            "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}},
             "Mounts": [{"Type": "bind", "Source": "/srv/mongo", "Destination": "/data/db", "RW": true}],
             "Config": {"Hostname": "\(name)", "Env": ["MONGO_INITDB_ROOT_PASSWORD=pass-4711"], "Image": "mongo:7.0",
                        "Labels": null},
             "NetworkSettings": {"Networks": {"cexp-net": {"IPAMConfig": null, "Aliases": null,
                "IPAddress": "\(address)"}}}}
            """
        )
    }

    /// The network of both.
    static func network() throws -> NetworkDetails {
        try decoded(
            """
            {"Name": "cexp-net", "Id": "c2084322", "Driver": "bridge", "IPAM": {"Driver": "default", "Options": null,
             "Config": [{"Subnet": "fd00::/64"}, {"Subnet": "172.22.1.0/24", "Gateway": "172.22.1.1"}]}, "Labels": null}
            """
        )
    }

    private static func decoded<Value: Decodable>(_ json: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(json.utf8))
    }
}
