"""What the page on operation says is what the service does."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from service_support import Rig

from recurring_schedule.service import migration
from recurring_schedule.service.metrics import Metrics
from recurring_schedule.service.outbox import Backlog
from recurring_schedule.service.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    (found,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_metrics_and_their_labels_are_those_published() -> None:
    metrics = Metrics(lambda: Backlog(0, None))
    metrics.observe_request("GET", "/health", 200, 0.1)
    metrics.observe_call("void", lambda: None)
    published = {
        sample.name.removesuffix("_bucket"): sample.labels.keys() - {"le"}
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
        if not sample.name.startswith("process_") and not sample.name.endswith(("_created", "_sum", "_count"))
    }
    rows = re.findall(r"^\| `(\w+)` \| (.*?) ?\|", section("Metrics"), re.MULTILINE)
    listed = {f"recurring_schedule_{name}": set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    assert listed == published
    alerts = set(re.findall(r"^[^|\n]*?(recurring_schedule_\w+)", section("Metrics"), re.MULTILINE))
    assert len(alerts) == 6
    assert alerts < published.keys()


def test_the_events_of_logs_are_those_written() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "recurring_schedule" / "service").rglob("*.py")
    )
    written = re.findall(r"\b_?log(?:\.\w+)?\(\"(\w+)\"", sources) + re.findall(
        r"partial\(_failed, \"(\w+)\"\)", sources
    )
    rows = "".join(re.findall(r"^\| (`.*?) \|", section("Logs"), re.MULTILINE))
    assert set(re.findall(r"`(\w+)`", rows)) - {"event"} == set(written)


def test_the_proxy_has_the_limits_of_the_service() -> None:
    values = dict(re.findall(r"^    (\w+) +(\w+);", section("A proxy"), re.MULTILINE))
    settings = Settings()
    assert values["client_max_body_size"] == f"{settings.max_bytes // 1024}k"
    assert values["client_body_timeout"] == f"{settings.body_timeout:g}s"
    assert float(values["proxy_read_timeout"].removesuffix("s")) > settings.lease
    assert re.findall(r"zone=(\w+):", PAGE) == re.findall(r"limit_(?:req zone=|conn )(\w+)", PAGE)


def test_the_page_names_only_variables_that_exist() -> None:
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    known = {*map(str.upper, Settings.model_fields), *re.findall(r"\$\{([A-Z_]+)", compose), "SSL_CERT_FILE"}
    assert set(re.findall(r"`([A-Z][A-Z_]+[A-Z])(?:=[^`]*)?`", PAGE)) <= known


def test_a_copy_made_while_the_service_writes_can_be_restored(tmp_path: Path) -> None:
    rig = Rig(f"sqlite:///{tmp_path / 'service.db'}")
    kept = rig.created(number="kept")["id"]
    example = re.sub(r"^(>>>|\.\.\.) ?", "", section("Backup and restore"), flags=re.MULTILINE)
    (function,) = re.findall(r"^def back_up.*?(?=^\S)", example, re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {"sqlite3": sqlite3, "closing": closing}
    exec(function, names)  # noqa: S102  # the page's own
    with closing(sqlite3.connect(tmp_path / "service.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE customer SET merchant = 'halfway'")
        assert names["back_up"](tmp_path / "service.db", tmp_path / "copy.db") == ("ok",)  # type: ignore[operator]
        other.execute("ROLLBACK")
    rig.created(number="lost")
    rig.close()
    restored = Rig(f"sqlite:///{tmp_path / 'copy.db'}")
    migration.check_digest_key(restored.store)
    assert restored.rows("SELECT merchant, id FROM customer") == [("one", kept)]
    assert restored.refused({"method": [], "number": "kept"}).type == "conflict"
    restored.close()
