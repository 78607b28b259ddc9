"""E770–E779: warehouses on Spark."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

SPARK_START = Code(
    "E770",
    "warehouse on Spark, which does not start",
    Phrase("this machine cannot start Spark: {reason}", "无法在本机启动 Spark：{reason}"),
    (
        Phrase(
            "install Java 17 or newer, and let JAVA_HOME name it",
            "请安装 Java 17 或更新的版本，并让 JAVA_HOME 指向它",
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
