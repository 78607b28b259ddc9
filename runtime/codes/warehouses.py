"""E717–E719, E741–E749: warehouses over a network; W706, W707: what `check --warehouse` finds."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

WAREHOUSE_FORBIDDEN = Code(
    "E717",
    "column that may not be read",
    Phrase(
        "the warehouse does not let this user read the column `{column}` of `{table}`, which the"
        " catalog gives for {owner}",
        "数据仓库不允许该用户读取目录为{owner}指定的表 `{table}` 的列 `{column}`",
    ),
    (
        Phrase(
            "ask the warehouse's people for the right to read the table: `GRANT SELECT`",
            "请向数据仓库的管理员申请读取该表的权限：`GRANT SELECT`",
        ),
    ),
)
WAREHOUSE_DRIVER = Code(
    "E718",
    "warehouse without its extra",
    Phrase(
        "a warehouse at `{scheme}://` needs an extra that is not installed",
        "`{scheme}://` 数据仓库需要尚未安装的附加组件",
    ),
    (
        Phrase(
            "install it: `pip install 'campaigner[{extra}]'`",
            "请安装：`pip install 'campaigner[{extra}]'`",
        ),
    ),
)
WAREHOUSE_SERVER = Code(
    "E719",
    "server of the warehouse that cannot be reached",
    Phrase("the warehouse {path} cannot be reached: {reason}", "无法连接数据仓库 {path}：{reason}"),
    (
        Phrase(
            "see that the server runs and that `url` under `[warehouse]` in campaigner.toml names"
            " it, then run again: nothing is granted twice",
            "请确认服务器正在运行，且 campaigner.toml 中 `[warehouse]` 的 `url` 正确，"
            "然后重新运行：不会重复发放",
        ),
    ),
)
WAREHOUSE_PASSWORD = Code(
    "E741",
    "server of the warehouse that refuses the password",
    Phrase(
        "the server of the warehouse {path} refuses the user or the password",
        "数据仓库 {path} 的服务器拒绝了用户名或密码",
    ),
    (
        Phrase(
            "mend the user and the password in `url` under `[warehouse]` in campaigner.toml, or in"
            " the environment that it names",
            "请修改 campaigner.toml 中 `[warehouse]` 的 `url`（或其引用的环境变量）里的"
            "用户名和密码",
        ),
    ),
)
WAREHOUSE_ADDRESS = Code(
    "E742",
    "address of a warehouse that cannot be read",
    Phrase(
        "`url` under `[warehouse]` in campaigner.toml is not an address of a server",
        "campaigner.toml 中 `[warehouse]` 的 `url` 不是服务器地址",
    ),
    (
        Phrase(
            'write `url = "{scheme}://user:${{PASSWORD}}@host:5432/database"`',
            '请写成 `url = "{scheme}://user:${{PASSWORD}}@host:5432/database"`',
        ),
    ),
)
WAREHOUSE_LOST = Code(
    "E743",
    "connection to the warehouse that was lost",
    Phrase("the connection to the warehouse {path} was lost", "与数据仓库 {path} 的连接已断开"),
    (
        Phrase(
            "run again: what was decided stands, and nothing is granted twice",
            "请重新运行：已经决定的不会丢失，也不会重复发放",
        ),
    ),
)
WAREHOUSE_OPTION = Code(
    "E745",
    "option of a warehouse's address that cannot be used",
    Phrase(
        "what `url` under `[warehouse]` says of `{name}` cannot be used: {reason}",
        "`[warehouse]` 的 `url` 中关于 `{name}` 的设置无法使用：{reason}",
    ),
    (
        Phrase(
            "write it like `duckdb:///data/warehouse.duckdb?memory_limit=4GB&threads=4`",
            "请写成 `duckdb:///data/warehouse.duckdb?memory_limit=4GB&threads=4`",
        ),
    ),
)

KNOWN_OPTIONS = Phrase(
    "`memory_limit` and `threads` are what can be said", "只能设置 `memory_limit` 和 `threads`"
)

WORD_MISSING = Code(
    "W706",
    "a text that the warehouse does not have",
    Phrase(
        "no row of `{table}` has `{word}` in `{column}`, so {follows}",
        "表 `{table}` 的列 `{column}` 中没有 `{word}`，因此{follows}",
    ),
    (
        Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？"),
        Phrase(
            "write the text as the warehouse has it, capitals and blanks too; if it is to come"
            " later, leave it",
            "请按数据仓库中的写法书写（大小写和空格也须一致）；若该值以后才会出现，可不改",
        ),
    ),
)
NONE_IS_EQUAL = Phrase("nothing is equal to it", "没有任何值与它相等")
NONE_CONTAINS = Phrase("nothing contains it", "没有任何值包含它")
NONE_STARTS = Phrase("nothing starts with it", "没有任何值以它开头")
RANGE_BROKEN = Code(
    "W707",
    "a range that the data breaks",
    Phrase(
        "`{column}` of `{table}` is outside of its range, {range}, in {count} rows: {keys}",
        "表 `{table}` 中有 {count} 行的 `{column}` 超出其范围（{range}）：{keys}",
    ),
    (
        Phrase(
            "mend the values, or widen the range here: such rows are left out",
            "请修正这些值，或放宽此处的范围：这些行会被略过",
        ),
    ),
)
