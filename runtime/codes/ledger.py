"""E720–E739, E760–E779 and E791–E792: the ledger: what stops a run or does not add up, in words."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

LEDGER_KIND = Code(
    "E720",
    "ledger of a kind that is not supported",
    Phrase("a ledger at `{scheme}` is not supported", "不支持 `{scheme}` 类型的账本"),
    (
        Phrase(
            'write `url = "sqlite:///var/ledger.db"`, or an address that begins with'
            " `postgresql://`, under `[ledger]` in campaigner.toml",
            '请在 campaigner.toml 的 `[ledger]` 下写 `url = "sqlite:///var/ledger.db"`，'
            "或以 `postgresql://` 开头的地址",
        ),
    ),
)
LEDGER_NOT_ONE = Code(
    "E721",
    "file that is not a ledger",
    Phrase("{path} is a file of another kind, not a ledger", "{path} 是别的文件，不是账本"),
    (
        Phrase(
            "name another file in `url` under `[ledger]` in campaigner.toml; this one is left as"
            " it is",
            "请在 campaigner.toml 的 `[ledger]` 下把 `url` 改成另一个文件；这个文件保持原样",
        ),
    ),
)
LEDGER_NEWER = Code(
    "E722",
    "ledger of a newer version",
    Phrase(
        "the ledger {path} has format {found}, and this version of campaigner writes"
        " format {known}",
        "账本 {path} 的格式是 {found}，而这个版本的 campaigner 使用格式 {known}",
    ),
    (
        Phrase(
            "run it with the version of campaigner that wrote it, or a newer one",
            "请使用写入它的那个版本或更新版本的 campaigner",
        ),
    ),
)
LEDGER_OLDER = Code(
    "E731",
    "ledger of an older version",
    Phrase(
        "the ledger {path} has format {found}, and this version of campaigner writes"
        " format {known}",
        "账本 {path} 的格式是 {found}，而这个版本的 campaigner 使用格式 {known}",
    ),
    (
        Phrase(
            "keep a copy of it, then run `campaigner ledger migrate`: what is in it stays",
            "请先保留一份副本，再运行 `campaigner ledger migrate`：其中的内容都会保留",
        ),
    ),
)
LEDGER_OTHER_PROJECT = Code(
    "E723",
    "ledger of another project",
    Phrase(
        "the ledger {path} belongs to the project `{found}`, and this is `{project}`",
        "账本 {path} 属于项目 `{found}`，而当前项目是 `{project}`",
    ),
    (
        Phrase(
            "give this project a ledger of its own: `url` under `[ledger]` in campaigner.toml",
            "请给当前项目一个自己的账本：campaigner.toml 中 `[ledger]` 的 `url`",
        ),
    ),
)
LEDGER_OTHER_CURRENCY = Code(
    "E724",
    "ledger in another currency",
    Phrase(
        "the ledger {path} is kept in {found}, and the project's currency is {currency}",
        "账本 {path} 以 {found} 记账，而项目的币种是 {currency}",
    ),
    (
        Phrase(
            "put `currency` back in campaigner.toml, or begin a new ledger",
            "请把 campaigner.toml 的 `currency` 改回去，或启用新的账本",
        ),
    ),
)
LEDGER_READ_ONLY = Code(
    "E725",
    "ledger that may not be written",
    Phrase("the ledger {path} may not be written here", "没有写入账本 {path} 的权限"),
    (
        Phrase(
            "make the file and its folder writable, or name another in `url` under `[ledger]` in"
            " campaigner.toml",
            "请让该文件及其文件夹可写，或在 campaigner.toml 的 `[ledger]` 下改用另一个 `url`",
        ),
    ),
)
LEDGER_BUSY = Code(
    "E726",
    "ledger in use by another run",
    Phrase("another run is writing to the ledger {path}", "另一个运行正在写入账本 {path}"),
    (
        Phrase(
            "wait until it is done, then run again: nothing is granted twice",
            "请等它结束后重新运行：不会重复发放",
        ),
    ),
)
LEDGER_DISK_FULL = Code(
    "E727",
    "no room on the disk for the ledger",
    Phrase(
        "the disk is full: the ledger {path} could not be written", "磁盘已满：无法写入账本 {path}"
    ),
    (
        Phrase(
            "make room and run again: what was decided stands, and nothing is granted twice",
            "请腾出空间后重新运行：已经决定的不会丢失，也不会重复发放",
        ),
    ),
)
LEDGER_UNREACHABLE = Code(
    "E728",
    "ledger that cannot be opened",
    Phrase("the ledger {path} cannot be opened: {reason}", "无法打开账本 {path}：{reason}"),
    (
        Phrase(
            "mend the path in `url` under `[ledger]` in campaigner.toml",
            "请修改 campaigner.toml 中 `[ledger]` 的 `url`",
        ),
    ),
)
LEDGER_DAMAGED = Code(
    "E729",
    "ledger that is damaged",
    Phrase("the ledger {path} is damaged and cannot be read", "账本 {path} 已损坏，无法读取"),
    (
        Phrase(
            "put back a copy from before, then run again",
            "请用之前的备份恢复它，然后重新运行",
        ),
    ),
)
LEDGER_FAILED = Code(
    "E730",
    "ledger that could not be read or written",
    Phrase(
        "the ledger {path} could not be read or written: {reason}",
        "账本 {path} 读写失败：{reason}",
    ),
    (
        Phrase(
            "see that the disk is sound and has room, then run again: nothing is granted twice",
            "请确认磁盘完好且有空间，然后重新运行：不会重复发放",
        ),
    ),
)

LEDGER_SERVER = Code(
    "E732",
    "server of the ledger that cannot be reached",
    Phrase("the ledger {path} cannot be reached: {reason}", "无法连接账本 {path}：{reason}"),
    (
        Phrase(
            "see that the server runs and that `url` under `[ledger]` in campaigner.toml names it,"
            " then run again: nothing is granted twice",
            "请确认服务器正在运行，且 campaigner.toml 中 `[ledger]` 的 `url` 正确，"
            "然后重新运行：不会重复发放",
        ),
    ),
)
LEDGER_PASSWORD = Code(
    "E733",
    "server of the ledger that refuses the password",
    Phrase(
        "the server of the ledger {path} refuses the user or the password",
        "账本 {path} 的服务器拒绝了用户名或密码",
    ),
    (
        Phrase(
            "mend the user and the password in `url` under `[ledger]` in campaigner.toml, or in the"
            " environment that it names",
            "请修改 campaigner.toml 中 `[ledger]` 的 `url`（或其引用的环境变量）里的用户名和密码",
        ),
    ),
)
LEDGER_LOST = Code(
    "E734",
    "connection to the ledger that was lost",
    Phrase("the connection to the ledger {path} was lost", "与账本 {path} 的连接已断开"),
    (
        Phrase(
            "run again: what was decided stands, and nothing is granted twice",
            "请重新运行：已经决定的不会丢失，也不会重复发放",
        ),
    ),
)
LEDGER_DRIVER = Code(
    "E735",
    "ledger on a server without its extra",
    Phrase(
        "a ledger at `postgresql` needs an extra that is not installed",
        "`postgresql` 账本需要尚未安装的附加组件",
    ),
    (
        Phrase(
            "install it: `pip install 'campaigner[postgresql]'`",
            "请安装：`pip install 'campaigner[postgresql]'`",
        ),
    ),
)
LEDGER_FORBIDDEN = Code(
    "E736",
    "ledger that the server does not let us write",
    Phrase(
        "the server does not let this user write to the ledger {path}",
        "服务器不允许该用户写入账本 {path}",
    ),
    (
        Phrase(
            "give the user the right to create and write its tables, or name another user in `url`"
            " under `[ledger]` in campaigner.toml",
            "请授予该用户建表和写入的权限，"
            "或在 campaigner.toml 的 `[ledger]` 下的 `url` 中改用其他用户",
        ),
    ),
)
LEDGER_NOT_A_SCHEMA = Code(
    "E737",
    "schema that is not a ledger",
    Phrase(
        "the schema `{schema}` of {path} holds something else, not a ledger",
        "{path} 的模式 `{schema}` 里是别的内容，不是账本",
    ),
    (
        Phrase(
            "name another at the end of `url` under `[ledger]` in campaigner.toml:"
            " `?schema=ledger`",
            "请在 campaigner.toml 的 `[ledger]` 下的 `url` 末尾换一个：`?schema=ledger`",
        ),
    ),
)
LEDGER_ADDRESS = Code(
    "E738",
    "address of a ledger that cannot be read",
    Phrase(
        "`url` under `[ledger]` in campaigner.toml is not an address of a server",
        "campaigner.toml 中 `[ledger]` 的 `url` 不是服务器地址",
    ),
    (
        Phrase(
            'write `url = "postgresql://user:${{PASSWORD}}@host:5432/database"`',
            '请写成 `url = "postgresql://user:${{PASSWORD}}@host:5432/database"`',
        ),
    ),
)
LEDGER_NONE = Code(
    "E739",
    "ledger that is not there yet",
    Phrase("there is no ledger {path} yet", "账本 {path} 还不存在"),
    (Phrase("the first `campaigner run` makes it", "首次 `campaigner run` 会创建它"),),
)

NOT_A_FILE = Phrase("it is a folder", "它是一个文件夹")
NO_FOLDER = Phrase("its folder cannot be made", "无法创建它所在的文件夹")
NO_PATH = Phrase("no file is named", "没有写文件名")

NO_RESERVE = Code(
    "E755",
    "grant by hand from a campaign without a reserve",
    Phrase("`{campaign}` keeps no reserve to grant from", "`{campaign}` 没有可用于发放的预留"),
    (
        Phrase(
            "add `reserve 5%` to its budget",
            "请在它的预算中加上 `reserve 5%`",
        ),
    ),
)
NO_SUCH_REWARD = Code(
    "E756",
    "grant by hand of something that cannot be given",
    Phrase(
        "`{reward}` is neither a benefit of this project nor an amount of points or cash",
        "`{reward}` 既不是本项目的权益，也不是积分或现金的数额",
    ),
    (
        Phrase(
            "write a benefit's name, `100 points`, or `20 cash`",
            "请写权益名称、`100 points` 或 `20 cash`",
        ),
    ),
)

OUT_OF_BALANCE = Code(
    "E760",
    "account that does not add up",
    Phrase(
        "the account `{account}` says {found}, and its entries come to {expected}",
        "账户 `{account}` 记录为 {found}，而其明细合计为 {expected}",
    ),
    (Phrase("put back a copy of the ledger from before", "请用之前的账本备份恢复"),),
)
ENTRY_UNMATCHED = Code(
    "E761",
    "entry without its other side",
    Phrase(
        "what `{account}` was charged for `{decision}`, {found}, is not what the customer got,"
        " {expected}",
        "账户 `{account}` 为 `{decision}` 支出 {found}，与客户所得 {expected} 不符",
    ),
    (Phrase("put back a copy of the ledger from before", "请用之前的账本备份恢复"),),
)
REFUSED_YET_GIVEN = Code(
    "E762",
    "something given without a grant",
    Phrase(
        "`{decision}` was not granted, yet the ledger gave something for it",
        "`{decision}` 并未获准发放，账本却有它的支出",
    ),
    (Phrase("put back a copy of the ledger from before", "请用之前的账本备份恢复"),),
)
ENTRY_CHANGED = Code(
    "E763",
    "entry that was changed after it was written",
    Phrase("the entry `{entry}` is not as it was written", "账目 `{entry}` 与写入时不一致"),
    (Phrase("put back a copy of the ledger from before", "请用之前的账本备份恢复"),),
)
ENTRY_MISSING = Code(
    "E764",
    "entry that is missing",
    Phrase(
        "the entry number {number} is missing from the ledger", "账本缺少编号为 {number} 的账目"
    ),
    (Phrase("put back a copy of the ledger from before", "请用之前的账本备份恢复"),),
)
END_FORGOTTEN = Code(
    "E765",
    "end that is forgotten",
    Phrase(
        "the grant {decision} ends at {at}, and the ledger would not notice",
        "发放 {decision} 于 {at} 到期，而账本不会处理",
    ),
    (Phrase("put back a copy of the ledger from before", "请用之前的账本备份恢复"),),
)

_A_COPY = (Phrase("put back a copy of the ledger from before", "请用之前的账本备份恢复"),)

LEDGER_CUT_SHORT = Code(
    "E772",
    "ledger whose server allows too little time",
    Phrase(
        "the server of the ledger {path} stopped a statement that took longer than it allows",
        "账本 {path} 的服务器中止了超过时限的语句",
    ),
    (
        Phrase(
            "raise `statement_timeout` for this user, then run again: nothing is granted twice",
            "请为该用户调高 `statement_timeout`，然后重新运行：不会重复发放",
        ),
    ),
)
LEDGER_SERVER_FULL = Code(
    "E791",
    "ledger whose server has no room",
    Phrase(
        "the server of the ledger {path} has no room left on its disk",
        "账本 {path} 的服务器磁盘已满",
    ),
    (
        Phrase(
            "make room on the server, then run again: what was decided stands, and nothing is"
            " granted twice",
            "请在服务器上腾出空间后重新运行：已经决定的不会丢失，也不会重复发放",
        ),
    ),
)
LEDGER_AT_LIMIT = Code(
    "E792",
    "ledger whose server is at its limit",
    Phrase(
        "the server of the ledger {path} can do no more at the moment: {reason}",
        "账本 {path} 的服务器暂时无法再处理：{reason}",
    ),
    (
        Phrase(
            "run again when it is less busy, or raise its limit: nothing is granted twice",
            "请等它空闲后重新运行，或调高其限制：不会重复发放",
        ),
    ),
)
LEDGER_UNREADABLE = Code(
    "E773",
    "ledger that the server does not let us read",
    Phrase(
        "the server does not let this user read the ledger {path}",
        "服务器不允许该用户读取账本 {path}",
    ),
    (
        Phrase(
            "give the user the right to read its tables, or name another user in `url` under"
            " `[ledger]` in campaigner.toml",
            "请授予该用户读取这些表的权限，"
            "或在 campaigner.toml 的 `[ledger]` 下的 `url` 中改用其他用户",
        ),
    ),
)
LEDGER_INCOMPLETE = Code(
    "E774",
    "ledger without one of its tables",
    Phrase(
        "the ledger {path} lacks its table `{table}`",
        "账本 {path} 缺少表 `{table}`",
    ),
    _A_COPY,
)
LEDGER_CHANGED = Code(
    "E775",
    "ledger whose tables are not as they were made",
    Phrase(
        "the tables of the ledger {path} are not as campaigner makes them: {reason}",
        "账本 {path} 的表与 campaigner 所建的不一致：{reason}",
    ),
    _A_COPY,
)
SEED_CHANGED = Code(
    "E776",
    "draw whose seed is another one now",
    Phrase(
        "`{campaign}` has drawn with the seed whose SHA-256 begins {before}, and {reason}",
        "`{campaign}` 已用 SHA-256 以 {before} 开头的种子抽过奖，而{reason}",
    ),
    (
        Phrase(
            "set the variable of `chance.seed` to the text that it had, or draw in a campaign of"
            " another name",
            "请把 `chance.seed` 的变量恢复为原来的文本，或改用另一个名称的活动抽奖",
        ),
    ),
)
NO_SEED_NOW = Phrase("the project has no `[chance]` now", "项目现在没有 `[chance]`")


def other_seed(digest: str) -> Phrase:
    """That the settings give another seed, whose SHA-256 begins so."""
    return Phrase(
        f"`chance.seed` now gives it one whose SHA-256 begins {digest}",
        f"`chance.seed` 现在给出的种子 SHA-256 以 {digest} 开头",
    )


DRAWN_OTHERWISE = Code(
    "E777",
    "draw that comes out otherwise when it is drawn again",
    Phrase(
        "`{decision}` was kept with {found}, and its ticket {ticket} draws {expected}",
        "`{decision}` 记录的是 {found}，而它的签号 {ticket} 抽中的是 {expected}",
    ),
    _A_COPY,
)
NO_PRIZE = Phrase("no prize", "没有奖品")

LEDGER_UNCHECKED = Code(
    "W755",
    "ledger whose server did not check itself",
    Phrase(
        "the server did not check how it keeps the ledger {path}: {reason}",
        "服务器没有检查它如何保存账本 {path}：{reason}",
    ),
    (
        Phrase(
            "run `CREATE EXTENSION amcheck` as an administrator, and grant this user its functions",
            "请由管理员运行 `CREATE EXTENSION amcheck`，并授予该用户使用其函数的权限",
        ),
    ),
)
NOT_INSTALLED = Phrase("its extension `amcheck` is not installed", "未安装其扩展 `amcheck`")
NOT_PERMITTED = Phrase(
    "this user may not use its extension `amcheck`", "该用户无权使用其扩展 `amcheck`"
)


def row_changed(table: str) -> Phrase:
    """Why: something else has changed a row of a table."""
    return Phrase(
        f"another program has changed a row of `{table}`", f"其他程序修改了 `{table}` 中的行"
    )


def other_rows(table: str, rows: int, written: int) -> Phrase:
    """Why: a table has more rows, or fewer, than were written."""
    return Phrase(
        f"`{table}` holds {rows} rows, and campaigner wrote {written}",
        f"`{table}` 有 {rows} 行，而 campaigner 写入了 {written} 行",
    )


def row_of_nothing(table: str, of: str) -> Phrase:
    """Why: a row refers to one that is not there."""
    return Phrase(
        f"a row of `{table}` refers to one of `{of}` that is not there",
        f"`{table}` 中有一行指向 `{of}` 中不存在的行",
    )


def not_counted(tables: str) -> Phrase:
    """Why: what campaigner itself writes to these tables is not sealed any more."""
    return Phrase(
        f"the triggers that count the rows of `{tables}` are gone or switched off",
        f"统计 `{tables}` 行数的触发器已被删除或停用",
    )


def not_as_made(name: str) -> Phrase:
    """Why: a table, an index or a trigger is another one, or gone."""
    return Phrase(f"`{name}` is another, or gone", f"`{name}` 已被改动或不存在")
