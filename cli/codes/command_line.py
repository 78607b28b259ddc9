"""E191–E199, E790, E793 and W153–W159: words and files that a command line names."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

_NEAREST = Phrase("did you mean `{nearest}`?", "是否想用 `{nearest}`？")

NO_SUCH_COMMAND = Code(
    "E191",
    "a command that does not exist",
    Phrase("`{group}` has no command `{name}`", "`{group}` 没有命令 `{name}`"),
    (_NEAREST, Phrase("its commands are {all}", "可用的命令有 {all}")),
)

NO_SUCH_OPTION = Code(
    "E192",
    "an option that the command does not have",
    Phrase("`{command}` has no option `{name}`", "`{command}` 没有选项 `{name}`"),
    (
        Phrase("`{name}` belongs to {owners}", "`{name}` 是 {owners} 的选项"),
        _NEAREST,
        Phrase("its options are {all}", "可用的选项有 {all}"),
    ),
)

NO_SUCH_CHOICE = Code(
    "E193",
    "a value that an option does not take",
    Phrase("`{option}` cannot be `{value}`", "`{option}` 不能是 `{value}`"),
    (_NEAREST, Phrase("use one of: {all}", "请使用：{all}")),
)

NO_TEXT = Code(
    "E790",
    "a value that no ledger can keep",
    Phrase("the value of `{option}` {reason}", "`{option}` 的值{reason}"),
    (
        Phrase(
            "`campaigner ledger grants` shows keys and names as they are",
            "`campaigner ledger grants` 会列出实际的键和名称",
        ),
    ),
)
NOT_UTF8 = Phrase("is not text in UTF-8", "不是 UTF-8 文本")
TOO_LONG = Phrase("is longer than {most} characters", "超过 {most} 个字符")

CHANGED_MEANWHILE = Code(
    "E793",
    "a file that changed while it was being fixed",
    Phrase(
        "`{path}` was changed by another program in the meantime, so nothing was fixed",
        "`{path}` 在此期间被其他程序改动，因此没有作任何修正",
    ),
    (Phrase("run the command again", "请重新执行该命令"),),
)

EMPTY_SEED = Code(
    "E194",
    "a seed that is empty",
    Phrase(
        "`chance.seed` is empty, and whoever knows the seed can foresee every draw",
        "`chance.seed` 为空，而知道种子的人能预见每次抽奖的结果",
    ),
    (
        Phrase(
            "set its variable to a long random text, such as `openssl rand -hex 32` prints",
            "请把对应的变量设为一段长的随机文本，例如 `openssl rand -hex 32` 的输出",
        ),
    ),
)

SEED_TOO_EARLY = Code(
    "E195",
    "a seed that still decides draws",
    Phrase(
        "the seed of `{campaign}` cannot be revealed yet: {reason}",
        "还不能公布 `{campaign}` 的种子：{reason}",
    ),
    (
        Phrase(
            "whoever has the seed can foresee the draws that are left",
            "知道种子的人能预见剩余的抽奖",
        ),
    ),
)
NO_END = Phrase(
    "it has no end; take it out of the project first", "该活动没有结束日期；请先把它移出项目"
)


def ends_on(day: str) -> Phrase:
    """That the campaign has not ended."""
    return Phrase(f"it ends on {day}", f"该活动 {day} 结束")


NOTHING_TO_REVEAL = Code(
    "E196",
    "a seed that cannot be revealed",
    Phrase(
        "`{campaign}` has no seed to reveal: {reason}", "`{campaign}` 没有可公布的种子：{reason}"
    ),
    (
        Phrase(
            "`campaigner ledger verify --draws` lists the draws of the ledger, and with which seed",
            "`campaigner ledger verify --draws` 会列出账本中的抽奖及其种子",
        ),
    ),
)
DRAWN_WITHOUT = Phrase("the ledger has no draw of it with a seed", "账本中没有它用种子抽的奖")
NO_SEED_SET = Phrase("the project has no `[chance]`", "项目没有 `[chance]`")
OTHER_SEED = Phrase("`chance.seed` is not what it drew with", "`chance.seed` 不是它抽奖时用的种子")

NOT_COMPILED = Code(
    "W153",
    "budgets of a project that has mistakes",
    Phrase(
        "the project has mistakes, so this shows each budget as the ledger last charged it",
        "项目中有错误，因此显示的是账本最近一次扣减时的各项预算",
    ),
    (
        Phrase(
            "`campaigner check` lists the mistakes; without them, caps are those of the files",
            "`campaigner check` 会列出错误；改正后，上限以项目文件为准",
        ),
    ),
)

NOTHING_CHANGED = Phrase("stopped: nothing was changed", "已停止：没有任何改动")
STEPS_KEPT = Phrase(
    "stopped: what was finished is kept, and nothing is half-written; run the same command again",
    "已停止：已完成的部分均已保存，没有写了一半的内容；重新执行同一命令即可继续",
)
DECISIONS_KEPT = Phrase(
    "stopped: what was decided is kept in the ledger; the same command goes on from there",
    "已停止：已作出的决定均已记入账本；重新执行同一命令即可继续",
)
OUTPUT_CUT_OFF = Phrase(
    "the output was cut off: what was done until then is kept; the same command goes on from there",
    "输出未能写完：在此之前完成的部分均已保存；重新执行同一命令即可继续",
)
