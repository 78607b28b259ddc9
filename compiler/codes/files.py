"""E15x to E19x: mistakes in campaigner.toml, the catalog, a plan and the project's folder."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

FIRST_HERE = Phrase("stands here first", "首次出现在这里")
THE_CATALOG = Phrase("the catalog", "数据目录")

# --- the project's folder -----------------------------------------------------------------------

NO_PROJECT = Code(
    "E150",
    "no project in this folder",
    Phrase(
        "found no `campaigner.toml` in `{path}` or in any folder above it",
        "在 `{path}` 及其上级文件夹中都没有找到 `campaigner.toml`",
    ),
    (
        Phrase(
            "name the folder of a project, or make one with `campaigner init DIR`",
            "请指定项目文件夹，或用 `campaigner init DIR` 新建一个",
        ),
    ),
)
UNREADABLE = Code(
    "E151",
    "a file cannot be read",
    Phrase("`{file}` cannot be read: {reason}", "无法读取 `{file}`：{reason}"),
    (
        Phrase(
            "let this user read the file, or take it out of the project",
            "请授予当前用户读取权限，或把该文件移出项目",
        ),
    ),
)
NOTHING_THERE = Code(
    "E152",
    "no such folder or file",
    Phrase("there is no folder or file `{path}`", "没有名为 `{path}` 的文件夹或文件"),
    (Phrase("name the folder of a project", "请指定项目文件夹"),),
)
NO_CATALOG = Code(
    "E153",
    "the catalog is missing",
    Phrase(
        "the project's catalog is to be `{file}`, and there is no such file",
        "项目的数据目录应为 `{file}`，但该文件不存在",
    ),
    (
        Phrase(
            "write the catalog there, or name it with `catalog` under `[project]`",
            "请在该处编写数据目录，或在 `[project]` 下用 `catalog` 指明其位置",
        ),
    ),
)
NO_CAMPAIGNS = Code(
    "W150",
    "a project without campaign files",
    Phrase(
        "there is no `.campaign` file in this folder or below it",
        "该文件夹及其下级没有任何 `.campaign` 文件",
    ),
    (Phrase("write the campaigns there", "请在此编写活动文件"),),
)

# --- the text of campaigner.toml and the catalog ------------------------------------------------

TOML_SYNTAX = Code(
    "E154",
    "campaigner.toml cannot be read here",
    Phrase(
        "this is not how a line of settings is written: {expected}",
        "此处不符合设置文件的写法：{expected}",
    ),
    (
        Phrase(
            'write a line as `name = "value"`, under a heading such as `[project]`',
            '请在 `[project]` 这样的标题下，按 `name = "value"` 书写',
        ),
    ),
)
YAML_SYNTAX = Code(
    "E155",
    "the catalog cannot be read here",
    Phrase(
        "this is not how a catalog is written: {expected}",
        "此处不符合数据目录的写法：{expected}",
    ),
    (
        Phrase(
            "write `:` and a space in place of `{wide}`",
            "请把 `{wide}` 换成半角 `:` 加一个空格",
        ),
        Phrase(
            "write an entry as `name: value`, indented by spaces under what it belongs to",
            "请按 `name: value` 书写，并用空格缩进在所属项之下",
        ),
    ),
)
REPEATED = Code(
    "E156",
    "an entry stands twice",
    Phrase(
        "`{name}` stands here a second time in {owner}",
        "{owner}：`{name}` 重复出现",
    ),
    (Phrase("keep one of the two", "请只保留其中一个"),),
)
SAME_NAME = Code(
    "E157",
    "two names that are the same name",
    Phrase(
        "`{name}` and `{first}` are one and the same name, and both stand in {owner}",
        "{owner}：`{name}` 与 `{first}` 是同一个名称，只能出现一个",
    ),
    (
        Phrase(
            "give one of them another name; `column` says what the warehouse calls it",
            "请为其中一个改名，并用 `column` 写明仓库中的列名",
        ),
    ),
)
REFERENCE = Code(
    "E158",
    "a catalog with references in it",
    Phrase(
        "`{text}` is a reference to another place, and a catalog may hold none",
        "`{text}` 是对别处的引用，数据目录中不允许使用",
    ),
    (Phrase("write out what it stands for", "请直接写出其内容"),),
)
TOO_DEEP = Code(
    "E159",
    "a file nested too deep",
    Phrase(
        "lists and entries stand inside each other more than {limit} deep",
        "列表和条目的嵌套超过了 {limit} 层",
    ),
    (Phrase("close the brackets opened before", "请先关闭前面打开的括号"),),
)

# --- entries and their values -------------------------------------------------------------------

UNKNOWN_ENTRY = Code(
    "E160",
    "an unknown entry",
    Phrase("{owner} has no entry `{name}`", "{owner}：没有 `{name}` 这一项"),
    (
        Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？"),
        Phrase("it may have {known}", "可用的有 {known}"),
    ),
)
MISSING_ENTRY = Code(
    "E161",
    "a missing entry",
    Phrase("{owner} lacks the entry `{name}`", "{owner}：缺少 `{name}` 这一项"),
    (
        Phrase("add `{example}`", "请加上 `{example}`"),
        Phrase("add `{name}`", "请加上 `{name}`"),
    ),
)
WRONG_VALUE = Code(
    "E162",
    "a value of the wrong kind",
    Phrase(
        "`{name}` is to be {expected}, and here stands {found}",
        "`{name}` 应为：{expected}；此处是：{found}",
    ),
)
NOT_ONE_OF = Code(
    "E163",
    "a value outside a fixed list",
    Phrase(
        "`{value}` is not among the values of `{name}`: {known}",
        "`{value}` 不在 `{name}` 的可选值之内：{known}",
    ),
    (Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？"),),
)
UNKNOWN_ZONE = Code(
    "E164",
    "an unknown time zone",
    Phrase("`{value}` is no time zone", "`{value}` 不是时区名称"),
    (
        Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？"),
        Phrase(
            "write a region and a city, such as `Asia/Shanghai`",
            "请写地区和城市，例如 `Asia/Shanghai`",
        ),
    ),
)
BAD_CURRENCY = Code(
    "E165",
    "a currency that is none",
    Phrase(
        "`{value}` is no currency: expected three capitals, as in ISO 4217",
        "`{value}` 不是货币：应为 ISO 4217 的三个大写字母代码",
    ),
    (
        Phrase("write `{nearest}`", "请写 `{nearest}`"),
        Phrase("write a code such as `CNY` or `USD`", "请写 `CNY`、`USD` 这样的代码"),
    ),
)
BAD_LANGUAGE = Code(
    "E166",
    "an unknown version of the language",
    Phrase(
        "the project asks for version {value} of the language, and this program knows version 1",
        "项目使用的语言版本是 {value}，而本程序只支持版本 1",
    ),
    (Phrase("write `language = 1`", "请写 `language = 1`"),),
)
BAD_RANGE = Code(
    "E167",
    "a range that is none",
    Phrase(
        "the range of {owner} is to be its least and its greatest {kind}, and here stands {found}",
        "{owner}：范围应为最小值和最大值（{kind}），此处却是 {found}",
    ),
    (
        Phrase("write `{example}`", "请写 `{example}`"),
        Phrase(
            "put the smaller of the two first",
            "请把较小的写在前面",
        ),
    ),
)
BAD_NAME = Code(
    "E168",
    "a name that cannot be written in a campaign",
    Phrase(
        "`{name}` cannot be a name: expected letters, digits and `_`, with a letter first",
        "`{name}` 不能作为名称：应由字母、数字和 `_` 组成，且不以数字开头",
    ),
    (
        Phrase(
            "name it `{better}`, with `column: {column}` for what the warehouse calls it",
            "请改名为 `{better}`，并用 `column: {column}` 写明仓库中的列名",
        ),
        Phrase("name it `{better}`", "请改名为 `{better}`"),
    ),
)
RESERVED_NAME = Code(
    "E169",
    "a name that every event has already",
    Phrase(
        "no field of an event can be named `{name}`: that is {meaning} of every event",
        "事件的字段不能命名为 `{name}`：它表示每个事件的{meaning}",
    ),
    (
        Phrase(
            "give the field another name, with `column: {column}` for what the warehouse calls it",
            "请为字段改名，并用 `column: {column}` 写明仓库中的列名",
        ),
    ),
)
BAD_TABLE = Code(
    "E170",
    "a table name that is none",
    Phrase(
        "`{value}` is no name of a table: expected `table` or `schema.table`",
        "`{value}` 不是表名：应为 `table` 或 `schema.table`",
    ),
)
BAD_DAY = Code(
    "E171",
    "a festival's day that is none",
    Phrase("`{value}` is no day of the year {year}", "`{value}` 不是 {year} 年的日期"),
    (Phrase('write the day as `{year} = "{year}-09-15"`', '请按 `{year} = "{year}-09-15"` 书写'),),
)
BAD_YEAR = Code(
    "E177",
    "a festival's year that is none",
    Phrase("`{value}` is no year", "`{value}` 不是年份"),
    (
        Phrase(
            'write a year and its day, such as `2027 = "2027-09-15"`',
            '请写年份及日期，例如 `2027 = "2027-09-15"`',
        ),
    ),
)

# --- what is opened when campaigns run ----------------------------------------------------------

BAD_ADDRESS = Code(
    "E178",
    "an address for mail that is none",
    Phrase(
        "`{value}` is no address for this channel: expected {expected}",
        "`{value}` 不能作为该渠道的地址：应为{expected}",
    ),
    (Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？"),),
)
BAD_SHARE = Code(
    "E749",
    "share of bad rows that is none",
    Phrase(
        "{value} is not what `bad_rows` can be",
        "`bad_rows` 不能是 {value}",
    ),
    (
        Phrase(
            'write a share from 0% to 100%, `bad_rows = "1%"`, or `bad_rows = "stop"`',
            '请写 0% 到 100% 的比例 `bad_rows = "1%"`，或 `bad_rows = "stop"`',
        ),
    ),
)
BAD_URL = Code(
    "E173",
    "an address of no known kind",
    Phrase(
        "the address of the {owner} is to start with {known}, and this one starts with `{found}`",
        "{owner}的地址应以 {known} 开头，此处以 `{found}` 开头",
    ),
    (Phrase("write an address such as `{example}`", "请写 `{example}` 这样的地址"),),
)
SECRET_WRITTEN = Code(
    "E174",
    "a secret written in a file",
    Phrase(
        "the secret of `{name}` is written in this file",
        "`{name}` 的密钥直接写在了文件中",
    ),
    (
        Phrase(
            "write `${{{variable}}}` in its place, set that variable where the campaigns run, "
            "and change the secret: it has been seen",
            "请改写为 `${{{variable}}}`，在运行环境中设置该变量，并更换已经暴露的密钥",
        ),
    ),
)
VARIABLE_NOT_SET = Code(
    "E175",
    "a variable of the environment that is not set",
    Phrase(
        "`{name}` takes its value from the environment, where `{variable}` is not set",
        "`{name}` 的值取自环境变量，但 `{variable}` 没有设置",
    ),
    (
        Phrase(
            "set it where this runs: `export {variable}=…`",
            "请在运行环境中设置：`export {variable}=…`",
        ),
    ),
)
VARIABLE_NOT_TEXT = Code(
    "E183",
    "a variable of the environment that is not UTF-8",
    Phrase(
        "`{name}` takes its value from the environment, where `{variable}` is not UTF-8",
        "`{name}` 的值取自环境变量，但 `{variable}` 不是 UTF-8",
    ),
    (
        Phrase(
            "set it to text in UTF-8 where this runs",
            "请在运行环境中把它设为 UTF-8 文本",
        ),
    ),
)
BAD_VARIABLE = Code(
    "E176",
    "a reference to the environment that is none",
    Phrase(
        "`$` and a brace name a variable of the environment, and `{text}` names none",
        "`$` 加花括号表示环境变量，但 `{text}` 没有给出变量名",
    ),
    (
        Phrase(
            "write `${{NAME}}`, with letters, digits and `_` in the name",
            "请写 `${{NAME}}`，变量名由字母、数字和 `_` 组成",
        ),
    ),
)
PATH_USED_TWICE = Code(
    "E172",
    "a path that the project has another use for",
    Phrase(
        "`{name}` is to be `{path}`, which {use}",
        "`{name}` 指向 `{path}`，而它{use}",
    ),
    (
        Phrase(
            "give it a path of its own: what is written there would be lost, or would spoil"
            " the other",
            "请为它指定单独的路径：否则写入的内容会丢失，或破坏另一方",
        ),
    ),
)
OUTPUT_IN_USE = Code(
    "E179",
    "an output that would replace a file of the project",
    Phrase(
        "the output would replace `{path}`, which {use}",
        "输出会覆盖 `{path}`，而它{use}",
    ),
    (Phrase("name another file; nothing was written", "请指定其他文件；没有写入任何内容"),),
)
