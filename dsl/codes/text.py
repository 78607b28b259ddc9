"""E1xx: what is wrong with the text itself: syntax, encoding, literals."""

from __future__ import annotations

from ..diagnostics.diagnostic import Code, Phrase

# --- E101-E109: clauses and what holds them together --------------------------------------------

_MEANT_AS_NAME = (
    Phrase(
        "where a name is meant, write it between backticks: `{name}`",
        "如果指的是名称，请加反引号：`{name}`",
    ),
)

UNEXPECTED = Code(
    "E101",
    "something else was expected here",
    Phrase("found {found}, expected {expected}", "此处是 {found}，应为：{expected}"),
    _MEANT_AS_NAME,
)

UNKNOWN_CLAUSE = Code(
    "E102",
    "not a clause of this block",
    Phrase(
        "`{found}` is not a clause of {block}",
        "{block}中没有 `{found}` 这个子句",
    ),
    (
        Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？"),
        Phrase("it can hold {clauses}", "可用的子句有：{clauses}"),
    ),
)

INCOMPLETE = Code(
    "E103",
    "something is missing",
    Phrase(
        "something is missing after {before}: expected {expected}",
        "{before} 之后缺少内容，应为：{expected}",
    ),
    _MEANT_AS_NAME,
)

UNCLOSED_BRACE = Code(
    "E104",
    "a brace that is not closed",
    Phrase(
        "the `{{` of `{block}` is not closed before {found}",
        "`{block}` 的 `{{` 未闭合（读到：{found}）",
    ),
    (Phrase("add `}}` where `{block}` ends", "在 `{block}` 结束处补上 `}}`"),),
)

STRAY_BRACE = Code(
    "E105",
    "a brace that closes nothing",
    Phrase(
        "this `}}` closes nothing: all that was opened before is closed",
        "这个 `}}` 没有对应的 `{{`：前面打开的括号都已闭合",
    ),
    (Phrase("take it out, or look for a missing `{{` above", "删去它，或检查上文是否漏写 `{{`"),),
)

MISPLACED_CLAUSE = Code(
    "E106",
    "a clause in the wrong block",
    Phrase("`{found}` has no place in {block}", "`{found}` 不能写在{block}中"),
    (Phrase("it stands {home}", "它应写在{home}"),),
)

NOT_SUPPORTED_YET = Code(
    "E107",
    "a form that is not supported yet",
    Phrase("`{found}` is not supported yet", "暂不支持 `{found}`"),
    (Phrase("take it out for now", "请暂时去掉"),),
)

KEYWORD_AS_NAME = Code(
    "E108",
    "a keyword where a name is meant",
    Phrase(
        "`{found}` is a keyword and cannot stand here as a name",
        "`{found}` 是关键字，不能直接用作名称",
    ),
    (Phrase("write it between backticks: {right}", "请加反引号：{right}"),),
)

TOO_DEEP = Code(
    "E109",
    "a condition nested too deep",
    Phrase("brackets or `not` are nested too deep here", "此处括号或 `not` 嵌套过深"),
    (
        Phrase(
            "give a part of it a name with `audience`, and use the name here",
            "用 `audience` 给其中一部分命名，再在此处引用",
        ),
    ),
)

# --- E110-E119: characters, quotes and names ----------------------------------------------------

FULL_WIDTH = Code(
    "E110",
    "full-width punctuation",
    Phrase(
        "`{found}` is a full-width character, `{right}` is needed here",
        "`{found}` 是全角字符，此处应为半角 `{right}`",
    ),
    (Phrase("write `{right}`", "改写为 `{right}`"),),
)

WRONG_QUOTES = Code(
    "E111",
    "quotation marks that are not straight",
    Phrase(
        "`{found}` is not the quotation mark of a text",
        "`{found}` 不是文本所用的引号",
    ),
    (Phrase('write straight double quotes: `"`', '请使用英文直双引号 `"`'),),
)

STRAY_CHARACTER = Code(
    "E112",
    "a character without a meaning here",
    Phrase("`{found}` has no meaning here", "`{found}` 在此处没有意义"),
    (Phrase("take it out", "请删去"),),
)

FOREIGN_SIGN = Code(
    "E113",
    "a sign of another language",
    Phrase("`{found}` is not a sign of this language", "本语言不使用 `{found}`"),
    (Phrase("write `{right}`", "改写为 `{right}`"),),
)

WRONG_CASE = Code(
    "E114",
    "a keyword in capital letters",
    Phrase("keywords are in lower case, and this is `{found}`", "关键字须小写，此处为 `{found}`"),
    (Phrase("write `{right}`", "改写为 `{right}`"),),
)

UNCLOSED_TEXT = Code(
    "E115",
    "a text without its closing quotation mark",
    Phrase("this text has no closing `{quote}`", "这段文本缺少结尾的 `{quote}`"),
    (Phrase("add `{quote}` where the text ends", "在文本结束处补上 `{quote}`"),),
)

TEXT_OVER_LINES = Code(
    "E116",
    "a text over several lines in single quotation marks",
    Phrase(
        'a text between `"` ends on the line where it starts',
        '`"` 之间的文本必须在同一行内结束',
    ),
    (Phrase('write `"""` before and after it', '首尾改用 `"""`'),),
)

UNKNOWN_ESCAPE = Code(
    "E117",
    "an unknown escape in a text",
    Phrase("`{found}` means nothing in a text", "文本中的 `{found}` 没有含义"),
    (
        Phrase(
            'write `\\\\` for a backslash; the others are `\\"`, `\\n` and `\\t`',
            '反斜杠写作 `\\\\`；其他转义有 `\\"`、`\\n` 和 `\\t`',
        ),
    ),
)

BAD_NAME = Code(
    "E118",
    "a word that cannot be a name",
    Phrase(
        "a name is expected here, and this is {found}",
        "此处应为名称，实际为：{found}",
    ),
    (
        Phrase(
            "a name is one word of letters, digits and `_` that starts with no digit",
            "名称是一个词，由字母、汉字、数字和 `_` 组成，且不以数字开头",
        ),
    ),
)

INVISIBLE_CHARACTER = Code(
    "E119",
    "an invisible character",
    Phrase(
        "an invisible character ({found}) stands here",
        "此处有一个不可见字符（{found}）",
    ),
    (Phrase("take it out", "请删去"),),
)

# --- E130-E139: the file, and what came later -----------------------------------------------------

NOT_UTF8 = Code(
    "E130",
    "a file that is not UTF-8",
    Phrase(
        "the file is not UTF-8: the byte 0x{found} here belongs to no character",
        "文件不是 UTF-8 编码：此处的字节 0x{found} 不构成字符",
    ),
    (
        Phrase("it looks like {encoding}: save it as UTF-8", "它像是 {encoding}，请另存为 UTF-8"),
        Phrase("save it as UTF-8", "请另存为 UTF-8"),
    ),
)

BINARY_FILE = Code(
    "E131",
    "a file that is not a text",
    Phrase(
        "this is not a text: it holds a NUL character here",
        "这不是文本文件：此处有 NUL 字符",
    ),
    (
        Phrase("it looks like {encoding}: save it as UTF-8", "它像是 {encoding}，请另存为 UTF-8"),
        Phrase(
            "a campaign is a plain text; look whether the right file has this name",
            "营销活动文件应为纯文本，请确认文件名是否对应正确的文件",
        ),
    ),
)

UNCLOSED_NAME = Code(
    "E132",
    "a backtick that no other closes",
    Phrase("this backtick has no other that closes it", "这个反引号没有配对"),
    (Phrase("write the name between two backticks: {right}", "名称应写在两个反引号之间：{right}"),),
)

UNKNOWN_DECLARATION = Code(
    "E133",
    "not a declaration",
    Phrase("`{found}` is not a declaration", "`{found}` 不是声明"),
    (
        Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？"),
        Phrase("a file can hold {clauses}", "文件中可以写：{clauses}"),
    ),
)

FAR_DATE = Code(
    "E134",
    "a date near the end of the calendar",
    Phrase(
        "`{found}` is not in the years {first} to {last}: a hundred years before or after it, "
        "the calendar could end",
        "`{found}` 不在 {first} 年到 {last} 年之间：从该日期前后推算一百年，可能超出日历范围",
    ),
    (
        Phrase(
            "leave the condition out where any date will do, or write the year that is meant",
            "如果任何日期都可以，请删去该条件；否则请写实际的年份",
        ),
    ),
)

NOTHING_DECLARED = Code(
    "W101",
    "a file that declares nothing",
    Phrase("this file declares nothing", "该文件没有任何声明"),
    (
        Phrase(
            "write a declaration, such as `campaign`, or take the file away",
            "请写入声明（例如 `campaign`），或删去该文件",
        ),
    ),
)

READS_AS_VALUE = Code(
    "W151",
    "a name that a campaign would read as a value",
    Phrase(
        "`{name}` stands for a value in campaigns, and means this {what} between backticks alone",
        "`{name}` 在活动文件中表示一个值，只有加反引号才表示此{what}",
    ),
    (
        Phrase(
            "write {right} in campaigns, or give it another name here",
            "请在活动文件中写 {right}，或在此改名",
        ),
    ),
)
A_FIELD = Phrase("field", "字段")
A_WORD = Phrase("word", "取值")
