"""E770–E779: warehouses on Spark."""

from __future__ import annotations

from ..diagnostics import Code, Phrase

SPARK_START = Code(
    "E770",
    "Spark that does not start",
    Phrase("Spark cannot be started here: {reason}", "无法在本机启动 Spark：{reason}"),
    (
        Phrase(
            "Spark needs Java 17 or newer: see what `java -version` says, and that JAVA_HOME names"
            " it",
            "Spark 需要 Java 17 或更新的版本：请查看 `java -version`，并确认 JAVA_HOME 指向它",
        ),
    ),
)
SPARK_ADDRESS = Code(
    "E771",
    "address of Spark that cannot be read",
    Phrase(
        "`url` under `[warehouse]` in campaigner.toml is not an address of Spark",
        "campaigner.toml 中 `[warehouse]` 的 `url` 不是 Spark 的地址",
    ),
    (
        Phrase(
            "name a folder of tables, `spark:///data/tables`, or a cluster,"
            " `spark://host:7077/database`",
            "请写表所在的文件夹 `spark:///data/tables`，或集群 `spark://host:7077/database`",
        ),
    ),
)
