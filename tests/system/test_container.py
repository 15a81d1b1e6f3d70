"""The Dockerfile and compose.yaml fit the package, its settings and each other, as far as can be checked without Docker."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from sqlalchemy.engine import make_url

from recurring_schedule.cli.service import COMMANDS as SERVICE_COMMANDS
from recurring_schedule.service.settings import PREFIX, Settings, SettingsError

ROOT = Path(__file__).parents[2]
COMMANDS = {command.name: command for command in SERVICE_COMMANDS}
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
KEYS_OF_SERVICES = {
    "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "ports", "read_only", "restart",
    "security_opt", "stop_grace_period", "tmpfs", "volumes",
}  # fmt: skip
PASSWORD = {"POSTGRES_PASSWORD": "a-password_1"}
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?:(:-|:\?)([^}]*))?\}")


class Stage(NamedTuple):
    name: str | None
    instructions: list[tuple[str, str]]

    def all(self, name: str) -> list[str]:
        return [text for one, text in self.instructions if one == name]


def stages() -> list[Stage]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    found: list[Stage] = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        instruction, _, rest = line.partition(" ")
        assert instruction in {
            "CMD",
            "COPY",
            "ENTRYPOINT",
            "ENV",
            "EXPOSE",
            "FROM",
            "HEALTHCHECK",
            "RUN",
            "USER",
            "VOLUME",
            "WORKDIR",
        }
        if instruction == "FROM":
            image, *name = rest.split(" AS ")
            assert ":" in image  # never the latest version, whichever that is
            found.append(Stage(name[0] if name else None, []))
        else:
            found[-1].instructions.append((instruction, rest))
    return found


def ignored(path: str) -> bool:
    """Return True if .dockerignore leaves a path of the first level out of the build."""
    result = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#") and fnmatch.fnmatch(path, line.removeprefix("!")):
            result = not line.startswith("!")
    return result


def copied() -> list[str]:
    """Return what the first stage copies from the repository."""
    return [name for text in stages()[0].all("COPY") for name in text.split()[:-1]]


def test_the_image_is_built_in_stages_and_runs_as_a_user_of_its_own() -> None:
    first, last = stages()
    assert first.name == "build"
    assert "root" not in last.all("USER")
    (created,) = last.all("RUN")
    (user,) = last.all("USER")
    assert created.startswith("useradd ")
    assert f"--uid {user} " in created
    (home,) = last.all("WORKDIR")
    assert f"--home-dir {home} " in created
    assert last.all("VOLUME") == [home]
    assert last.all("COPY") == [f"--from={first.name} /opt/service /opt/service"]
    names = [name for name, _ in last.instructions]
    assert names.index("USER") < names.index("WORKDIR") < names.index("ENTRYPOINT")


def test_the_image_is_built_from_files_that_are_there_and_sent() -> None:
    assert "recurring_schedule" in copied()
    for name in copied():
        assert (ROOT / name).exists(), name
        assert not ignored(name), name
    assert all(map(ignored, (".git", "tests", "recurring-schedule.db", "recurring-schedule-sandbox", ".env")))


def test_the_package_can_be_built_from_what_is_copied(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in copied():
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    built = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(built, cwd=source, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert {"recurring_schedule/service/server.py", "recurring_schedule/service/migrations/env.py"} < names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    (install,) = (text for text in stages()[0].all("RUN") if "pip" in text)
    words = shlex.split(install)
    assert words[0].startswith("/opt/service/bin/")
    assert words[-1] == ".[business,service]"  # the setting CALENDAR needs both
    assert words[words.index("--constraint") + 1] in copied()


def test_the_image_starts_a_command_that_exists() -> None:
    last = stages()[-1]
    entry, arguments = (json.loads(only) for name in ("ENTRYPOINT", "CMD") for only in last.all(name))
    assert entry == ["recurring-schedule"]
    command = COMMANDS[arguments[0]]
    with command.make_context(arguments[0], arguments[1:]) as context:
        assert last.all("EXPOSE") == [str(context.params["port"])]
        assert context.params["host"] == "0.0.0.0"  # noqa: S104  # in a container


@pytest.mark.parametrize(("status", "expected"), [(200, 0), (503, 1), (None, 1)])
def test_the_health_check_succeeds_only_if_the_service_answers(status: int | None, expected: int) -> None:
    (line,) = stages()[-1].all("HEALTHCHECK")
    command = json.loads(line[line.index("CMD ") + 4 :])
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status or 0)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        port = server.server_port
        if status is None:
            server.server_close()
        else:
            threading.Thread(target=server.handle_request, daemon=True).start()
        assert command[0] == "python"
        program = [sys.executable, *(one.replace(":8000/", f":{port}/") for one in command[1:])]
        assert subprocess.run(program, check=False, capture_output=True).returncode == expected
    assert asked == ([] if status is None else ["/health"])


# compose.yaml.


def test_each_service_has_known_keys_and_waits_for_services_that_can_be_waited_for() -> None:
    assert COMPOSE.keys() == {"name", "x-service", "services", "volumes"}
    for name, service in SERVICES.items():
        assert service.keys() <= KEYS_OF_SERVICES, name
        for other, how in service.get("depends_on", {}).items():
            assert how.keys() == {"condition"}
            if how["condition"] == "service_healthy":
                assert "test" in SERVICES[other]["healthcheck"]
            else:
                assert how["condition"] == "service_completed_successfully"
                assert "restart" not in SERVICES[other]
    assert list(SERVICES["service"]["depends_on"]) == ["migrate"]
    assert list(SERVICES["migrate"]["depends_on"]) == ["database"]


def test_volumes_and_ports_fit_the_image() -> None:
    last = stages()[-1]
    mounts = [mount.split(":") for service in SERVICES.values() for mount in service["volumes"]]
    assert {name for name, _ in mounts} == set(COMPOSE["volumes"])
    assert ["sandbox", *last.all("VOLUME")] in mounts
    host, _, port = SERVICES["service"]["ports"][0].split(":")
    assert (host, [port]) == ("127.0.0.1", last.all("EXPOSE"))
    for name in ("migrate", "service"):
        (command, *_) = SERVICES[name].get("command") or json.loads(last.all("CMD")[0])
        assert command in COMMANDS


def substituted(text: str, given: dict[str, str]) -> str:
    """Return a text with its variables replaced as Compose does."""

    def value(found: re.Match[str]) -> str:
        name, operator, default = found.groups()
        assert operator, f"{name} has neither a default nor a message"
        if given.get(name):
            return given[name]
        assert operator == ":-", default
        return str(default)

    return VARIABLE.sub(value, text)


def environment(name: str, **given: str) -> dict[str, str]:
    return {key: substituted(text, given) for key, text in SERVICES[name]["environment"].items()}


def read(monkeypatch: pytest.MonkeyPatch, name: str, **given: str) -> Settings:
    for key, text in environment(name, **given).items():
        monkeypatch.setenv(key, text)
    return Settings.read()


@pytest.mark.parametrize("name", ["migrate", "service"])
def test_the_settings_exist_and_can_be_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(key.startswith(PREFIX) for key in environment(name, **PASSWORD).keys() - {"FORWARDED_ALLOW_IPS"})
    settings = read(monkeypatch, name, **PASSWORD)
    assert settings.keys is None  # those of the sandbox
    assert settings.metrics
    database = make_url(settings.database)
    server = environment("database", **PASSWORD)
    assert database.host in SERVICES
    assert (database.username, database.password, database.database) == (
        server["POSTGRES_USER"],
        server["POSTGRES_PASSWORD"],
        server["POSTGRES_DB"],
    )
    assert (settings.bill_every is not None) == (name == "service")  # as numbers, not as texts that are empty


def test_another_gateway_needs_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as caught:
        read(monkeypatch, "service", **PASSWORD, GATEWAY="os:getcwd")
    assert {line.split(":")[0] for line in str(caught.value).splitlines()} == {
        f"{PREFIX}{name}" for name in ("KEYS", "SIGNING_KEY", "DIGEST_KEY")
    }


def test_a_password_has_to_be_given_and_each_variable_is_documented() -> None:
    with pytest.raises(AssertionError, match="a password"):
        environment("service")
    page = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    names: Any = {found[1] for found in VARIABLE.finditer(text)}
    assert len(names) > 5
    for name in names:
        assert f"`{name}`" in page, name
    assert not re.search(r"\$(?!\{)", VARIABLE.sub("", text))
