"""E7xx: the words of each mistake of this area."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

# --- E700–E719, E766: instants, the warehouse, the run -------------------------------------------

NOT_WHOLE = Phrase("the file is not whole", "文件不完整")
DECLARED_HERE = Phrase("the catalog says so here", "目录在这里声明")

INSTANT_UNREADABLE = Code(
    "E700",
    "not an instant",
    Phrase("`{text}` is not a point in time", "`{text}` 不是一个时间点"),
    (
        Phrase(
            "write `2026-01-31T10:00+08:00`, or `2026-01-31 10:00` on the clock of {zone}, or the"
            " day alone, `2026-01-31`",
            "请写成 `2026-01-31T10:00+08:00`，或按 {zone} 时区写 `2026-01-31 10:00`，或只写日期"
            " `2026-01-31`",
        ),
    ),
)
INSTANT_BEYOND = Code(
    "E746",
    "instant at an end of the calendar",
    Phrase(
        "`{text}` is not in the years 102 to 9898, in which decisions are taken",
        "`{text}` 不在可作决定的公元 102 年至 9898 年之间",
    ),
    (Phrase("give a day that campaigns can know", "请给出活动可能涉及的日期"),),
)
PERIOD_BACKWARDS = Code(
    "E701",
    "period that ends before it begins",
    Phrase(
        "the period ends at {end}, before it begins at {start}",
        "这段时间的结束（{end}）早于开始（{start}）",
    ),
    (Phrase("give the earlier one to `--from`", "请把较早的时间写在 `--from` 后面"),),
)
INSTANT_AHEAD = Code(
    "E766",
    "instant that the clock has not reached",
    Phrase(
        "`{text}` lies in the future, past what the clock of this machine shows",
        "`{text}` 是将来的时间，晚于本机时钟",
    ),
    (
        Phrase(
            "give an instant that has come; to decide ahead of time all the same, add"
            " `--even-in-the-future`",
            "请给出已经到来的时间；若确实要提前决定，请加上 `--even-in-the-future`",
        ),
    ),
)
WAREHOUSE_MISSING = Code(
    "E702",
    "warehouse file not found",
    Phrase("there is no warehouse at {path}", "{path} 处没有数据仓库文件"),
    (
        Phrase(
            "load the data there, or mend `url` under `[warehouse]` in campaigner.toml",
            "请先把数据装载到该处，或修改 campaigner.toml 中 `[warehouse]` 的 `url`",
        ),
    ),
)
WAREHOUSE_NOT_DUCKDB = Code(
    "E703",
    "warehouse file that is none",
    Phrase("{path} is not a DuckDB database", "{path} 不是 DuckDB 数据库"),
    (
        Phrase(
            "load the data anew, or mend `url` under `[warehouse]` in campaigner.toml",
            "请重新装载数据，或修改 campaigner.toml 中 `[warehouse]` 的 `url`",
        ),
    ),
)
WAREHOUSE_LOCKED = Code(
    "E704",
    "warehouse in use by another program",
    Phrase(
        "the warehouse {path} is open for writing in another program",
        "数据仓库 {path} 正被另一个程序打开写入",
    ),
    (
        Phrase(
            "wait until the program with process number {process} is done, or close it",
            "请等进程 {process} 结束，或将其关闭",
        ),
        Phrase("wait until that program is done, or close it", "请等那个程序结束，或将其关闭"),
    ),
)
WAREHOUSE_UNSUPPORTED = Code(
    "E705",
    "warehouse of a kind that is not supported",
    Phrase("a warehouse at `{scheme}://` is not supported", "不支持 `{scheme}://` 类型的数据仓库"),
    (
        Phrase(
            "name the cluster itself, `{cluster}`: Spark Connect cannot be asked",
            "请直接填写集群地址 `{cluster}`：不支持 Spark Connect",
        ),
        Phrase(
            "use a DuckDB file, `duckdb:///data/warehouse.duckdb`, a server,"
            " `postgresql://user:${{PASSWORD}}@host/database`, or Spark, `spark:///data/tables`",
            "请使用 DuckDB 文件 `duckdb:///data/warehouse.duckdb`、服务器"
            " `postgresql://user:${{PASSWORD}}@host/database`，或 Spark `spark:///data/tables`",
        ),
    ),
)
WAREHOUSE_UNREADABLE = Code(
    "E706",
    "warehouse that cannot be read",
    Phrase("the warehouse {path} cannot be read: {reason}", "无法读取数据仓库 {path}：{reason}"),
    (
        Phrase(
            "see that it is a whole file that you may read", "请确认该文件完整，并且您有读取权限"
        ),
    ),
)
TABLE_MISSING = Code(
    "E707",
    "table that the warehouse does not have",
    Phrase(
        "the warehouse has no table `{table}`, which the catalog gives for {owner}",
        "数据仓库里没有目录为{owner}指定的表 `{table}`",
    ),
    (
        Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？"),
        Phrase("load the table, or mend its name in the catalog", "请装载该表，或修改目录中的表名"),
    ),
)
COLUMN_MISSING = Code(
    "E708",
    "column that the table does not have",
    Phrase(
        "the table `{table}` has no column `{column}`, which the catalog gives for {owner}",
        "表 `{table}` 里没有目录为{owner}指定的列 `{column}`",
    ),
    (
        Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？"),
        Phrase(
            "add the column to the table, or mend its name in the catalog",
            "请在表中添加该列，或修改目录中的列名",
        ),
    ),
)
VALUE_UNREADABLE = Code(
    "E709",
    "value that is not of the catalog's type",
    Phrase(
        "the column `{column}` of `{table}` holds `{example}`, which cannot be read as"
        " {type}, as the catalog has it",
        "表 `{table}` 的列 `{column}` 中有 `{example}`，无法按目录所说读作{type}",
    ),
    (
        Phrase(
            "mend the values, or the type in the catalog; rows concerned: {count}",
            "请修正这些值（共 {count} 行），或修改目录中的类型",
        ),
    ),
)
COLUMN_TYPE = Code(
    "E710",
    "column that is not of the catalog's type",
    Phrase(
        "the column `{column}` of `{table}` is {found}, which cannot be read as {type}",
        "表 `{table}` 的列 `{column}` 的类型是 {found}，不能读作{type}",
    ),
    (Phrase("mend the column, or the type in the catalog", "请修改该列，或修改目录中的类型"),),
)
KEY_MISSING = Code(
    "E711",
    "row without a key",
    Phrase(
        "the table `{table}` has rows with nothing in the key column `{column}`: {count} of them",
        "表 `{table}` 有 {count} 行的主键列 `{column}` 是空的",
    ),
    (
        Phrase(
            "give every row a key of its own: without one nobody can tell what was granted already",
            "请给每一行一个唯一的主键：没有主键，就无法判断是否已经发放过",
        ),
    ),
)
KEY_TWICE = Code(
    "E712",
    "rows with the same key",
    Phrase(
        "the table `{table}` has several rows with the key `{example}` in `{column}`; keys that"
        " come more than once: {count}",
        "表 `{table}` 的主键列 `{column}` 中 `{example}` 出现在多行；重复的主键共 {count} 个",
    ),
    (
        Phrase(
            "leave one row for each key, or name the column that is the key in the catalog",
            "请让每个主键只留一行，或在目录中指定真正的主键列",
        ),
    ),
)
VALUE_MISSING = Code(
    "E713",
    "nothing in a field that must be there",
    Phrase(
        "the table `{table}` has rows with nothing in `{column}`, which the catalog does not call"
        " optional: {count} of them",
        "表 `{table}` 有 {count} 行的 `{column}` 是空的，而目录没有说它可以为空",
    ),
    (
        Phrase(
            "write `optional: true` there in the catalog, or fill the column",
            "请在目录中为它写上 `optional: true`，或补全该列",
        ),
    ),
)
WAREHOUSE_FAILED = Code(
    "E714",
    "warehouse that gave up",
    Phrase("the warehouse could not answer: {reason}", "数据仓库无法完成查询：{reason}"),
    (
        Phrase(
            "see that there is free memory and disk space, and run again: nothing is granted twice",
            "请确认内存和磁盘空间充足后重新运行：不会重复发放",
        ),
    ),
)

KEY_LONG = Code(
    "E748",
    "key that is too long",
    Phrase(
        "the column `{column}` of `{table}` holds a key longer than {most} characters, which no"
        " ledger can keep",
        "表 `{table}` 的列 `{column}` 中有超过 {most} 个字符的键，账本无法保存",
    ),
    (Phrase("shorten the keys: {count} of them", "请缩短这些键，共 {count} 个"),),
)
VALUE_OUTSIDE = Code(
    "E329",
    "value outside of its range",
    Phrase(
        "the column `{column}` of `{table}` holds `{example}`, outside of its range in the catalog,"
        " {range}",
        "表 `{table}` 的列 `{column}` 中有 `{example}`，超出目录中的范围（{range}）",
    ),
    (
        Phrase(
            "mend the values, or the range in the catalog; rows concerned: {count}",
            "请修正这些值（共 {count} 行），或修改目录中的范围",
        ),
    ),
)
ROW_LEFT_OUT = Code(
    "W704",
    "row that is left out",
    Phrase(
        "the row `{key}` of `{table}` is left out: {reason}",
        "表 `{table}` 的行 `{key}` 被略过：{reason}",
    ),
    (
        Phrase(
            "mend the row and run again: what was left out is decided then",
            "请修正该行后重新运行：届时会补上其决定",
        ),
    ),
)
ROWS_LEFT_OUT = Code(
    "W705",
    "rows that are left out",
    Phrase(
        "{count} of the {rows} rows of `{table}` are left out, and the others go on",
        "表 `{table}` 的 {rows} 行中有 {count} 行被略过，其余照常处理",
    ),
    (
        Phrase(
            'to stop at the first of them, write `bad_rows = "stop"` under `[warehouse]`',
            '若要遇到就停止，请在 `[warehouse]` 下写 `bad_rows = "stop"`',
        ),
    ),
)
TOO_MANY_LEFT_OUT = Code(
    "E747",
    "too many rows that cannot be used",
    Phrase(
        "{count} of the {rows} rows of `{table}` cannot be used, more than {share}",
        "表 `{table}` 的 {rows} 行中有 {count} 行无法使用，超过 {share}",
    ),
    (
        Phrase(
            "mend the rows, or allow a larger share with `bad_rows` under `[warehouse]`",
            "请修正这些行，或用 `[warehouse]` 下的 `bad_rows` 放宽比例",
        ),
    ),
)
NO_KEY = Phrase("it has no key", "没有主键")
SAME_KEY = Phrase("its key comes more than once", "其主键出现多次")
LONG_KEY = Phrase("`{column}` is longer than {most} characters", "`{column}` 超过 {most} 个字符")
EMPTY = Phrase("`{column}` is empty", "`{column}` 为空")
OTHER_TYPE = Phrase("`{column}` cannot be read as {type}", "`{column}` 无法读作{type}")
OUTSIDE = Phrase("`{column}` is outside of its range, {range}", "`{column}` 超出其范围（{range}）")

ZONE_TWICE = Code(
    "E715",
    "zone for a column that has one",
    Phrase(
        "the column `{column}` of `{table}` says its zone itself, and the catalog gives it another",
        "表 `{table}` 的列 `{column}` 本身带有时区，而目录又为它指定了时区",
    ),
    (Phrase("take `zone` away from it in the catalog", "请在目录中去掉它的 `zone`"),),
)
CUSTOMER_UNKNOWN = Code(
    "E716",
    "customer that the warehouse does not have",
    Phrase(
        "there is no customer `{customer}` in the table `{table}`",
        "表 `{table}` 里没有客户 `{customer}`",
    ),
    (
        Phrase(
            "give the customer's key as it stands in the column `{column}`",
            "请按列 `{column}` 中的写法给出客户的主键",
        ),
    ),
)

ZONE_UNSAID = Code(
    "W701",
    "timestamp without a zone",
    Phrase(
        "the column `{column}` of `{table}` has times without a zone, and they are read as UTC",
        "表 `{table}` 的列 `{column}` 的时间不带时区，将按 UTC 读取",
    ),
    (
        Phrase(
            "if they are on another clock, add `zone: {zone}` to it in the catalog",
            "如果不是 UTC，请在目录中为它加上 `zone: {zone}`",
        ),
    ),
)
NOBODYS_EVENTS = Code(
    "W702",
    "events of nobody",
    Phrase(
        "the table `{table}` has rows with no customer in `{column}`, left out: {count}",
        "表 `{table}` 有 {count} 行的 `{column}` 没有客户，将被忽略",
    ),
)
DAY_PROVISIONAL = Code(
    "W703",
    "festival whose day is not announced yet",
    Phrase(
        "{day} for `{festival}` is computed: the holidays of that year are not announced yet",
        "`{festival}` 的日期 {day} 是推算的：当年的放假安排尚未公布",
    ),
    (
        Phrase(
            "once it is sure, write it under `[calendar.{festival}]` in campaigner.toml:"
            ' `{year} = "{day}"`',
            '确定之后，请写入 campaigner.toml 的 `[calendar.{festival}]`：`{year} = "{day}"`',
        ),
    ),
)
SEED_REVEALED = Code(
    "W754",
    "draws of a campaign whose seed was revealed",
    Phrase(
        "the seed of `{campaign}` was revealed, so what comes late for it is no longer drawn",
        "`{campaign}` 的种子已经公布，因此迟到的事件不再抽奖",
    ),
    (
        Phrase(
            "take the campaign out of the project, once all that it gave was delivered",
            "待其发放的内容全部送达后，请把该活动移出项目",
        ),
    ),
)
