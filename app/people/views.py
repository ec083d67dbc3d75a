"""Pages of accounts: signing in and out, one's own account, the accounts of others."""

import uuid

import segno
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from pyotp import TOTP

from app.forms import Form
from app.gate import account, acting, needs, public
from app.house import house
from app.languages import local_path, moment, words
from app.people import forms
from app.sessions import remember
from registers.kernel.errors import GreffeError, Invalid
from registers.kernel.words import text
from registers.people import operations, queries, rules, sessions
from registers.people.roles import VISITOR, Permission, Role

blueprint = Blueprint("people", __name__)

HALF_WAY = "half_way"
"""In the cookie between password and code: whose password was right, and when."""
MINUTES_FOR_CODE = 5


def _visitor() -> dict[str, str]:
    return {
        "address": request.remote_addr or "",
        "browser": request.user_agent.string,
    }


def _keys(email: str) -> list[str]:
    named = rules.digest_of(email.strip().lower())[:32]
    return [f"account:{named}", f"address:{request.remote_addr}"]


def _check_waiting(keys: list[str]) -> None:
    until = sessions.waiting(house().session, keys, house().now())
    if until:
        raise Invalid(
            text("Too many attempts: wait until {until}, then try again.", until=moment(until))
        )


def _count_failure(keys: list[str]) -> None:
    with house().upkeep() as traces:
        sessions.failed(traces, keys, house().now())


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public("this is where one shows who one is")
def sign_in() -> ResponseReturnValue:
    """Asks for address and password; then for the code, where there is a second factor."""
    if current_user.is_authenticated:
        return redirect(local_path(request.args.get("next")))
    if not operations.anybody(house().session):
        return redirect(url_for("people.set_up"))
    form = forms.SignIn()
    if form.validate_on_submit():
        try:
            return _password_given(form)
        except GreffeError as error:
            form.refuse(error)
    return render_template("people/sign_in.html", form=form)


def _password_given(form: forms.SignIn) -> ResponseReturnValue:
    keys = _keys(form.email.data)
    _check_waiting(keys)
    found = sessions.authenticated(house().session, form.email.data, form.password.data)
    if found is None:
        _count_failure(keys)
        raise Invalid(text("The address or the password is wrong."))
    onward = local_path(request.args.get("next"))
    if found.second_factor:
        session[HALF_WAY] = [str(found.id), house().now().timestamp()]
        return redirect(url_for("people.code", next=onward))
    with house().upkeep() as traces:
        sessions.succeeded(traces, keys)
    with house().acting(VISITOR) as act:
        token = sessions.sign_in(act, found.id, **_visitor())
    remember(token)
    return redirect(onward)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public("the second step of signing in")
def code() -> ResponseReturnValue:
    """Asks for the second factor of whoever gave a right password a moment ago."""
    who, since = session.get(HALF_WAY, (None, 0))
    if who is None or house().now().timestamp() - since > MINUTES_FOR_CODE * 60:
        return redirect(url_for("people.sign_in", next=request.args.get("next")))
    form = forms.Code()
    keys = _keys(who)
    if form.validate_on_submit():
        try:
            _check_waiting(keys)
            with house().acting(VISITOR) as act:
                token = sessions.sign_in_with_code(
                    act, uuid.UUID(who), form.code.data, vault=house().home.vault, **_visitor()
                )
        except GreffeError as error:
            _count_failure(keys)
            form.refuse(error)
        else:
            with house().upkeep() as traces:
                sessions.succeeded(traces, keys)
            remember(token)
            return redirect(local_path(request.args.get("next")))
    return render_template("people/code.html", form=form)


@blueprint.get("/door/<token>")
@public("a one-time link printed where the sample data were started")
def door(token: str) -> ResponseReturnValue:
    """Signs in to the sample data."""
    with house().acting(VISITOR) as act:
        opened = sessions.enter_by_door(act, token, **_visitor())
    remember(opened)
    return redirect("/")


@blueprint.post("/sign-out")
@needs(Permission.OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    """Ends the present session, in the database too."""
    present = account().session_id
    if present:
        with acting() as act:
            sessions.sign_out(act, present)
    logout_user()
    session.clear()
    return redirect(url_for("people.sign_in"))


@blueprint.route("/set-up", methods=["GET", "POST"])
@public("the first account is made by whoever holds the printed token")
def set_up() -> ResponseReturnValue:
    """Makes the first account."""
    if operations.anybody(house().session):
        return redirect(url_for("people.sign_in"))
    form = forms.SetUp(token=request.args.get("token"))
    if form.validate_on_submit():
        keys = _keys("set-up")
        try:
            _check_waiting(keys)
            password = rules.checked_password(form.password.data, form.email.data, form.name.data)
            digest = sessions.hashed(password)
            with house().acting(VISITOR) as act:
                user = operations.set_up(
                    act,
                    form.token.data,
                    form.email.data,
                    form.name.data,
                    password_hash=digest,
                    language=words().language,
                )
                token = sessions.sign_in(act, user.id, **_visitor())
        except GreffeError as error:
            _count_failure(keys)
            form.refuse(error)
        else:
            remember(token)
            flash(
                _("Welcome. Begin with the organisation: its name stands on every annex."), "good"
            )
            return redirect("/")
    return render_template("people/set_up.html", form=form)


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@public("a one-time link that an administrator handed over")
def invitation(token: str) -> ResponseReturnValue:
    """Chooses a password."""
    invited = operations.invited(house().session, token, house().now())
    if invited is None:
        return render_template("people/invitation_over.html"), 404
    form = forms.NewPassword()
    if form.validate_on_submit():
        try:
            rules.checked_password(form.password.data, invited.email, invited.name)
            digest = sessions.hashed(form.password.data)
            with house().acting(VISITOR) as act:
                operations.choose_password(act, token, form.password.data, digest)
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_("Your password is set: sign in with it."), "good")
            return redirect(url_for("people.sign_in"))
    return render_template("people/invitation.html", form=form, invited=invited)


@blueprint.get("/account")
@needs(Permission.OWN_ACCOUNT)
def own() -> ResponseReturnValue:
    """One's own account: password, second factor, sessions."""
    held = queries.sessions_of(house().session, account().id, house().now())
    return render_template(
        "people/own.html",
        sessions=held,
        codes_left=queries.unused_recovery_codes(house().session, account().id),
        empty=Form(),
    )


@blueprint.route("/account/password", methods=["GET", "POST"])
@needs(Permission.OWN_ACCOUNT)
def own_password() -> ResponseReturnValue:
    """Changes one's own password, which signs out everywhere."""
    form = forms.OwnPassword()
    if form.validate_on_submit():
        me = account()
        keys = _keys(me.email)
        try:
            _check_waiting(keys)
            if sessions.authenticated(house().session, me.email, form.present.data) is None:
                _count_failure(keys)
                raise Invalid(text("This is not your present password."), "present")
            rules.checked_password(form.password.data, me.email, me.name)
            digest = sessions.hashed(form.password.data)
            with acting() as act:
                operations.change_password(act, form.password.data, digest)
        except GreffeError as error:
            form.refuse(error)
        else:
            logout_user()
            flash(_("Your password is changed: sign in with the new one."), "good")
            return redirect(url_for("people.sign_in"))
    return render_template("people/own_password.html", form=form)


@blueprint.route("/account/second-factor", methods=["GET", "POST"])
@needs(Permission.OWN_ACCOUNT)
def second_factor() -> ResponseReturnValue:
    """Turns the second factor on: a secret to scan, its first code, recovery codes to keep."""
    form = forms.SecondFactor()
    if form.validate_on_submit():
        try:
            with acting() as act:
                codes = operations.set_second_factor(
                    act, form.secret.data, form.code.data, house().home.vault
                )
        except GreffeError as error:
            form.refuse(error)
        else:
            return render_template("people/recovery_codes.html", codes=codes)
    secret = form.secret.data or operations.new_secret()
    form.secret.data = secret
    address = TOTP(secret).provisioning_uri(name=account().email, issuer_name="Greffe")
    drawing = segno.make(address).svg_data_uri(scale=4, border=0)
    return render_template("people/second_factor.html", form=form, secret=secret, drawing=drawing)


@blueprint.post("/account/second-factor/remove")
@needs(Permission.OWN_ACCOUNT)
def remove_second_factor() -> ResponseReturnValue:
    """Turns one's own second factor off."""
    with acting() as act:
        operations.remove_second_factor(act, account().id)
    flash(_("The second factor is off."), "warn")
    return redirect(url_for("people.own"))


@blueprint.post("/account/sessions/<uuid:session_id>/end")
@needs(Permission.OWN_ACCOUNT)
def end_session(session_id: uuid.UUID) -> ResponseReturnValue:
    """Ends one of one's own sessions."""
    with acting() as act:
        sessions.sign_out(act, session_id)
    return redirect(url_for("people.own"))


@blueprint.post("/account/sessions/end-others")
@needs(Permission.OWN_ACCOUNT)
def end_other_sessions() -> ResponseReturnValue:
    """Ends all of one's own sessions but this one."""
    me = account()
    if me.session_id:
        with acting() as act:
            sessions.sign_out_elsewhere(act, me.session_id)
    flash(_("All other sessions are ended."), "good")
    return redirect(url_for("people.own"))


@blueprint.get("/users")
@needs(Permission.USERS_MANAGE)
def users() -> ResponseReturnValue:
    """All accounts."""
    return render_template("people/users.html", users=queries.users(house().session))


@blueprint.route("/users/new", methods=["GET", "POST"])
@needs(Permission.USERS_MANAGE)
def new_user() -> ResponseReturnValue:
    """Adds an account and shows the invitation to hand over."""
    form = forms.NewUser()
    if form.validate_on_submit():
        try:
            with acting() as act:
                roles = [Role(each) for each in form.roles.data]
                user = operations.add(
                    act, form.email.data, form.name.data, roles, form.language.data
                )
                token = operations.invite(act, user.id)
        except GreffeError as error:
            form.refuse(error)
        else:
            return _handed_over(user.name, token)
    return render_template("people/new_user.html", form=form)


@blueprint.route("/users/<uuid:user_id>", methods=["GET", "POST"])
@needs(Permission.USERS_MANAGE)
def user(user_id: uuid.UUID) -> ResponseReturnValue:
    """One account: name, roles, disabled or not."""
    found = queries.user(house().session, user_id)
    form = forms.ChangedUser(
        revision=found.revision,
        name=found.name,
        roles=found.roles,
        disabled=found.disabled_at is not None,
    )
    if form.validate_on_submit():
        try:
            with acting() as act:
                operations.change(
                    act,
                    user_id,
                    form.revision.data,
                    form.name.data,
                    [Role(each) for each in form.roles.data],
                    disabled=form.disabled.data,
                )
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_("The account is changed."), "good")
            return redirect(url_for("people.users"))
    return render_template("people/user.html", form=form, user=found, empty=Form())


@blueprint.post("/users/<uuid:user_id>/invite")
@needs(Permission.USERS_MANAGE)
def invite(user_id: uuid.UUID) -> ResponseReturnValue:
    """A new link with which the person chooses a password."""
    with acting() as act:
        token = operations.invite(act, user_id)
    return _handed_over(queries.user(house().session, user_id).name, token)


@blueprint.post("/users/<uuid:user_id>/second-factor/remove")
@needs(Permission.USERS_MANAGE)
def remove_second_factor_of(user_id: uuid.UUID) -> ResponseReturnValue:
    """Turns off the second factor of somebody who lost the device."""
    with acting() as act:
        operations.remove_second_factor(act, user_id)
    flash(_("The second factor of this account is off."), "warn")
    return redirect(url_for("people.user", user_id=user_id))


def _handed_over(name: str, token: str) -> ResponseReturnValue:
    link = house().settings.address + url_for("people.invitation", token=token)
    return render_template("people/invited.html", name=name, link=link, days=rules.INVITATION.days)
