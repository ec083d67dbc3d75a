"""The one table that says which role may do what."""

import enum

from registers.kernel.act import Actor
from registers.kernel.words import Named, text


class Permission(enum.Enum):
    """What an act or a page can require."""

    SIGN_IN = "sign_in"
    SET_UP = "set_up"
    OWN_ACCOUNT = "own_account"
    CALCULATE = "calculate"
    REGISTER_READ = "register_read"
    REGISTER_EDIT = "register_edit"
    REGISTER_VALIDATE = "register_validate"
    CONTROLLERS_READ = "controllers_read"
    CONTROLLERS_EDIT = "controllers_edit"
    ORGANISATION_EDIT = "organisation_edit"
    EXCHANGE = "exchange"
    ANNEX_READ = "annex_read"
    ANNEX_SEAL = "annex_seal"
    ANNOUNCEMENTS_READ = "announcements_read"
    ANNOUNCEMENTS_EDIT = "announcements_edit"
    ANNOUNCE = "announce"
    RECEIPTS_RECORD = "receipts_record"
    ENGAGE = "engage"
    BREACHES_READ = "breaches_read"
    BREACHES_RECORD = "breaches_record"
    BREACHES_NOTIFY = "breaches_notify"
    ASSISTANCE_READ = "assistance_read"
    ASSISTANCE_RECORD = "assistance_record"
    DUTIES_RESERVED = "duties_reserved"
    INTERVENTIONS_READ = "interventions_read"
    INTERVENTIONS_RECORD = "interventions_record"
    REQUESTS_READ = "requests_read"
    REQUESTS_RECORD = "requests_record"
    REQUESTS_ERASE = "requests_erase"
    LATENESS_EXPLAIN = "lateness_explain"
    LATENESS_TELL = "lateness_tell"
    RETENTION_READ = "retention_read"
    RETENTION_OPEN = "retention_open"
    RETENTION_EDIT = "retention_edit"
    ERASURE_CONFIRM = "erasure_confirm"
    OWN_STORES = "own_stores"
    NOTICES_SEND = "notices_send"
    EVIDENCE_MAKE = "evidence_make"
    ALARM = "alarm"
    ON_CALL = "on_call"
    PORTAL = "portal"
    JOURNAL_READ = "journal_read"
    CHECKPOINT = "checkpoint"
    USERS_MANAGE = "users_manage"


class Role(Named):
    """Who somebody is in the organisation; one person may have several."""

    ADMIN = "admin", text("Administrator")
    DPO = "dpo", text("Data protection officer")
    LEGAL = "legal", text("Legal staff")
    RESPONDER = "responder", text("Breach responder")
    AUDITOR = "auditor", text("Auditor")


_EVERYBODY = {Permission.OWN_ACCOUNT, Permission.CALCULATE}
_READING = {
    Permission.REGISTER_READ,
    Permission.CONTROLLERS_READ,
    Permission.ANNEX_READ,
    Permission.ANNOUNCEMENTS_READ,
    Permission.BREACHES_READ,
    Permission.ASSISTANCE_READ,
    Permission.INTERVENTIONS_READ,
    Permission.REQUESTS_READ,
    Permission.RETENTION_READ,
}

MAY: dict[Role, frozenset[Permission]] = {
    # an administrator sees no register: the role does not need it
    Role.ADMIN: frozenset(
        {
            *_EVERYBODY,
            Permission.USERS_MANAGE,
            Permission.ON_CALL,
            Permission.JOURNAL_READ,
            Permission.CHECKPOINT,
        }
    ),
    Role.DPO: frozenset(
        {
            *_EVERYBODY,
            *_READING,
            Permission.REGISTER_EDIT,
            Permission.REGISTER_VALIDATE,
            Permission.CONTROLLERS_EDIT,
            Permission.ORGANISATION_EDIT,
            Permission.EXCHANGE,
            Permission.ANNEX_SEAL,
            Permission.ANNOUNCEMENTS_EDIT,
            Permission.ANNOUNCE,
            Permission.RECEIPTS_RECORD,
            Permission.ENGAGE,
            Permission.BREACHES_RECORD,
            Permission.BREACHES_NOTIFY,
            Permission.ASSISTANCE_RECORD,
            # a law that prohibits telling is known by as few as can be
            Permission.DUTIES_RESERVED,
            Permission.INTERVENTIONS_RECORD,
            Permission.REQUESTS_RECORD,
            Permission.REQUESTS_ERASE,
            Permission.LATENESS_EXPLAIN,
            Permission.LATENESS_TELL,
            Permission.RETENTION_OPEN,
            Permission.RETENTION_EDIT,
            Permission.ERASURE_CONFIRM,
            Permission.OWN_STORES,
            Permission.JOURNAL_READ,
            Permission.CHECKPOINT,
        }
    ),
    Role.LEGAL: frozenset(
        {
            *_EVERYBODY,
            *_READING,
            Permission.CONTROLLERS_EDIT,
            Permission.EXCHANGE,
            Permission.ANNEX_SEAL,
            Permission.ANNOUNCEMENTS_EDIT,
            Permission.RECEIPTS_RECORD,
            Permission.ASSISTANCE_RECORD,
            Permission.INTERVENTIONS_RECORD,
            Permission.REQUESTS_RECORD,
            Permission.LATENESS_EXPLAIN,
            Permission.LATENESS_TELL,
            Permission.RETENTION_OPEN,
            Permission.RETENTION_EDIT,
            Permission.ERASURE_CONFIRM,
        }
    ),
    Role.RESPONDER: frozenset(
        {
            *_EVERYBODY,
            Permission.REGISTER_READ,
            Permission.CONTROLLERS_READ,
            Permission.BREACHES_READ,
            Permission.BREACHES_RECORD,
            Permission.BREACHES_NOTIFY,
            Permission.INTERVENTIONS_READ,
            Permission.INTERVENTIONS_RECORD,
            Permission.LATENESS_EXPLAIN,
        }
    ),
    Role.AUDITOR: frozenset({*_EVERYBODY, *_READING, Permission.JOURNAL_READ}),
}

VISITOR = Actor("visitor", frozenset({Permission.SIGN_IN, Permission.SET_UP}))
"""Somebody who has not signed in."""

WORKER = Actor(
    "worker",
    frozenset(
        {
            Permission.NOTICES_SEND,
            Permission.EVIDENCE_MAKE,
            Permission.ALARM,
            Permission.ANNEX_SEAL,
            Permission.ANNEX_READ,
            Permission.ANNOUNCE,
            Permission.RETENTION_OPEN,
            Permission.OWN_STORES,
            Permission.REQUESTS_ERASE,
        }
    ),
)
"""The background work: it does what people decided."""

CONTACT = frozenset({Permission.PORTAL})
"""What a controller's contact may do with a link."""


def console(name: str = "") -> Actor:
    """Whoever has a shell on the machine, and so everything anyway."""
    return Actor("console", frozenset(Permission), name=name)


def permissions(roles: list[Role]) -> frozenset[Permission]:
    """What these roles may do together."""
    return frozenset().union(*(MAY[role] for role in roles))
