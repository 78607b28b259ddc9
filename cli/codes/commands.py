"""E78x and E79x: what stops a command before it comes to the campaigns."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

NO_SUCH_FILE = Code(
    "E780",
    "a file or folder that is not there",
    Phrase("there is no file or folder `{path}`", "没有名为 `{path}` 的文件或文件夹"),
    (
        Phrase(
            "check the name: it is looked up from `{here}`",
            "请检查名称：从 `{here}` 开始查找",
        ),
    ),
)

NOT_ALLOWED = Code(
    "E781",
    "a file that may not be read or written",
    Phrase("`{path}` may not be read or written by this user", "当前用户无权读写 `{path}`"),
    (
        Phrase(
            "ask for permission to it, or choose another place",
            "请申请权限，或换一个位置",
        ),
    ),
)

DISK_FULL = Code(
    "E782",
    "a full disk",
    Phrase("there is no room left on the disk of `{path}`", "`{path}` 所在的磁盘已满"),
    (
        Phrase(
            "free some space and run the same command again: nothing was left half-written",
            "请腾出空间后重新执行同一命令：没有留下写了一半的内容",
        ),
    ),
)

UNUSABLE_FILE = Code(
    "E783",
    "a file that cannot be used",
    Phrase("`{path}` cannot be used: {reason}", "无法使用 `{path}`：{reason}"),
)

FOLDER_IN_USE = Code(
    "E784",
    "a new project in a folder that is not empty",
    Phrase(
        "`{path}` is not empty, it holds {found}",
        "`{path}` 不是空文件夹，其中有 {found}",
    ),
    (
        Phrase(
            "name a folder that does not exist yet: `campaigner init {other}`",
            "请指定一个尚不存在的文件夹：`campaigner init {other}`",
        ),
    ),
)

UNKNOWN_CAMPAIGN = Code(
    "E785",
    "a campaign that the project does not have",
    Phrase("there is no campaign `{name}` in this project", "本项目中没有活动 `{name}`"),
    (
        Phrase("did you mean `{nearest}`?", "是否想用 `{nearest}`？"),
        Phrase("its campaigns are {all}", "本项目的活动有 {all}"),
    ),
)

UNKNOWN_DIALECT = Code(
    "E786",
    "a dialect of SQL that is not written yet",
    Phrase("SQL for `{name}` is not written yet", "尚不支持为 `{name}` 生成 SQL"),
    (Phrase("use one of: {all}", "请使用：{all}"),),
)

UNKNOWN_CODE = Code(
    "E787",
    "a code that does not exist",
    Phrase("there is no code `{wanted}`", "没有代码 `{wanted}`"),
    (
        Phrase(
            "the nearest are {nearest}; `campaigner help` lists all of them",
            "相近的有 {nearest}；`campaigner help` 会列出全部",
        ),
    ),
)

SETTING_MISSING = Code(
    "E788",
    "a setting that this command needs",
    Phrase(
        "this command needs a {what}, and campaigner.toml names none",
        "此命令需要{what}，而 campaigner.toml 中没有指定",
    ),
    (
        Phrase(
            'add `[{heading}]` with `url = "{example}"`',
            '请加入 `[{heading}]` 及 `url = "{example}"`',
        ),
    ),
)


A_WAREHOUSE = Phrase("warehouse", "数据仓库")
A_LEDGER = Phrase("ledger", "账本")
THE_OUTPUT = Phrase("the output", "输出")
THIS_FOLDER = Phrase("the current folder", "当前文件夹")
