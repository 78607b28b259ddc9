"""E185–E190 and E197–E199: command lines that lack something, or have too much."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

_HELP = Phrase("`{command} --help` shows how it is written", "`{command} --help` 会显示用法")

EXTRA = Code(
    "E185",
    "more on the command line than the command takes",
    Phrase("`{command}` has no use for {words}", "`{command}` 用不到 {words}"),
    (_HELP,),
)

INCOMPLETE = Code(
    "E186",
    "a command line that does not say enough, or says two things at once",
    Phrase("{problem}", "{problem}"),
    (_HELP,),
)

NOT_A_DAY = Code(
    "E187",
    "an option whose value is no date",
    Phrase("`{option}` is a date, and `{value}` is none", "`{option}` 是日期，而 `{value}` 不是"),
    (Phrase("write it as `2026-01-31`", "请写成 `2026-01-31`"),),
)

MISSING = Code(
    "E197",
    "an option or argument that the command needs",
    Phrase("`{command}` needs `{name}`", "`{command}` 需要 `{name}`"),
    (Phrase("its commands are {all}", "可用的命令有 {all}"), _HELP),
)

NO_VALUE = Code(
    "E198",
    "an option without its value",
    Phrase("`{name}` needs a value after it", "`{name}` 之后需要一个值"),
    (_HELP,),
)

A_FLAG = Code(
    "E199",
    "a value after an option that takes none",
    Phrase("`{name}` takes no value", "`{name}` 不带值"),
    (_HELP,),
)

ONE_PERIOD = Phrase(
    "give either --at INSTANT, or --from A and --to B",
    "请给出 --at 时刻，或者 --from A 和 --to B",
)
ONE_OR_ALL = Phrase("give either --campaign ID, or --all", "请给出 --campaign ID 或 --all 之一")
GRANT_NUMBERS = Phrase(
    "say which grants, by the numbers that `campaigner ledger grants` shows",
    "请用 `campaigner ledger grants` 显示的编号指明发放记录",
)
ONE_GRANT = Phrase(
    "say one GRANT or the --campaign, and what to --choose",
    "请指明一个发放编号或 --campaign，以及 --choose 选择什么",
)
STDIN_ALONE = Phrase(
    "give - alone: one campaign is read from stdin", "请单独使用 -：从标准输入只读取一个活动"
)
NOTHING_TO_FIX = Phrase(
    "--fix has no file to write for -: give --diff to see what would change",
    "使用 - 时 --fix 没有可写的文件：请用 --diff 查看会有的改动",
)
DIFF_OF_FILES = Phrase(
    "--diff shows what would change in the files, and --warehouse checks those that are there:"
    " give one of them",
    "--diff 显示文件会有的改动，--warehouse 核对现有的文件：请只给出其中之一",
)
PROJECT_AND_FILE = Phrase(
    "name at most a project and a file of events", "最多指明一个项目和一个事件文件"
)
