"""Help in Chinese: the words of `--help`, by the English that commands and options declare."""

from __future__ import annotations

import re

HEADINGS = {"Usage": "用法", "Options": "选项", "Commands": "命令"}

_EXTRAS = {"default": "默认", "required": "必填", "now": "当前时刻"}

_TEXTS = {
    "Show this message and exit.": "显示本帮助并退出。",
    "Show the version and exit.": "显示版本并退出。",
    "The language of what is said; else that of the locale.": "输出的语言；未指定时随系统设置。",
    "Warn of campaigns that ended before DATE; the current day if left out.": (
        "对在 DATE 之前已结束的活动给出警告；未指定时为当天。"
    ),
    "Hold the project's warehouse against it too.": "同时对照项目的数据仓库。",
    "Write the fixes that are safe; report what is left.": "写入确定无误的修正，并报告其余问题。",
    "Change nothing; print what --fix would.": "不做改动，只显示 --fix 会有的改动。",
    "Exit with 1 for warnings too.": "有警告时也以 1 退出。",
    "Change nothing; list what would.": "不做改动，只列出会改动的文件。",
    "Change nothing; print what would.": "不做改动，只显示会有的改动。",
    "Write it there.": "写入该文件。",
    "Of this campaign alone.": "仅此活动。",
    "All campaigns at once, each table read once.": "一次处理所有活动，每张表只读一遍。",
    "The instant to decide for.": "作出决定的时刻。",
    "The period's first day or instant.": "时段的第一天或起始时刻。",
    "The period's last day or instant, in it.": "时段的最后一天或结束时刻（包含在内）。",
    "Say what would happen; keep and deliver nothing.": "只说明会发生什么，不保存也不发送。",
    "Decide also for an instant later than the clock.": "也允许晚于当前时钟的时刻。",
    "A table for people, or a document for programs.": "供人阅读的表格，或供程序读取的文档。",
    "A table at the end, or a line an event as it is decided.": (
        "结束时输出表格，或每个事件决定后输出一行。"
    ),
    "Its name.": "活动名称。",
    "The customer's key.": "客户的键。",
    "As of this instant.": "截至该时刻。",
    "Of this customer alone.": "仅此客户。",
    "Draw everything again that can be.": "把能重新抽取的全部重新抽取。",
    "Why: it is kept with the reversal.": "原因：与撤销一并保存。",
    "Reverse also what was redeemed.": "已核销的也一并撤销。",
    "A benefit to choose.": "要选择的权益。",
    "The customer who claims.": "领取的客户。",
    "When it is claimed.": "领取的时刻。",
    "The customer who redeems.": "核销的客户。",
    "The benefit of that name alone.": "仅该名称的权益。",
    "When it is redeemed.": "核销的时刻。",
    "Pay it from the campaign's reserve.": "从活动的预留额度支付。",
    "The customer who gets it.": "获得奖励的客户。",
    "coffee, '20 cash' or '100 points'.": "如 coffee、'20 cash' 或 '100 points'。",
    "Its name: one grant of each name to a customer.": "名称：同一名称对一位客户只发放一次。",
    "Why: it is kept with the grant.": "原因：与发放一并保存。",
    "Up to when it is settled.": "结算到何时为止。",
    "The last day or instant that stays.": "保留到的最后一天或时刻。",
    "Why: it is kept with the rewind.": "原因：与回退一并保存。",
    "Who: it is kept too.": "操作人：一并保存。",
    "Of this channel alone.": "仅此渠道。",
    "This row alone; may be repeated.": "仅此行；可重复给出。",
    "Rows in this state.": "处于该状态的行。",
    "Start a small project that checks, runs and is commented.": "新建可检查、可运行的小项目。",
    "Find every mistake in a project.": "找出项目中的所有错误。",
    "Write campaign files in the one canonical layout.": "把活动文件写成统一的格式。",
    "Print what the project compiles to, as JSON.": "以 JSON 输出项目的编译结果。",
    "Print the query that gives a campaign's decisions.": "输出得出活动决定的查询语句。",
    "Carry out what is due: decide, grant, deliver.": "执行到期事项：决定、发放、发送。",
    "Decide events as they come, line by line.": "逐行决定到来的事件。",
    "Say why a customer did, or did not, get it.": "说明客户为何获得或未获得。",
    "Show what was granted and what is left; check the ledger.": "显示已发放与剩余，核对账本。",
    "Show what could not be delivered; have it sent again.": "显示未能送达的消息，并重新发送。",
    "Explain a code such as E203, with an example.": "解释代码（如 E203）并举例。",
    "List what was granted.": "列出已发放的奖励。",
    "List what is spent and left of every budget.": "列出每项预算的已用与剩余。",
    "List what customers have in their wallets.": "列出客户钱包中的余额。",
    "List offers that nothing was chosen from yet.": "列出尚未作出选择的礼遇。",
    "List events that claimed, and their outcomes.": "列出领取事件及其结果。",
    "Check that the ledger adds up and was not changed.": "核对账本是否平衡、是否被改动。",
    "Take grants back.": "撤销发放。",
    "Choose from an offer for its customer.": "代客户从礼遇中选择。",
    "Mark benefits as used.": "把权益标记为已使用。",
    "Make a grant by hand, from a campaign's reserve.": "从活动的预留额度手工发放。",
    "Settle what has ended.": "结算已到期的事项。",
    "Bring an older ledger to the format of this version.": "把旧账本升级为当前版本的格式。",
}

_EXTRA = re.compile(r" *\[(?:(default): )?([^\]]*)\]$")


def text(english: str) -> str:
    """The Chinese for a line of help, with what stands in brackets after it; else the English."""
    found = _EXTRA.search(english)
    if found is None:
        return _TEXTS.get(english, english)
    default, word = found.groups()
    shown = f"[{_EXTRAS['default']}：{word}]" if default else f"[{_EXTRAS.get(word, word)}]"
    return f"{text(english[: found.start()])}  {shown}"
