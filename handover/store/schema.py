"""The tables, as one numbered list of migrations that every engine runs.

`{instant}` (epoch seconds UTC), `{count}` (whole number), `{json}` and `{bytes}` are the engine's words for a column;
`{strict}` ends a table. A statement that begins with `@` names something each engine builds in its own way.
Dates are `YYYY-MM-DD` text, ids 26 characters of text, yes/no facts are instants that are null until they happen.
"""

from __future__ import annotations

from dataclasses import dataclass

# A talk of more than four hours is a typing mistake, and the bound keeps the overlap guard's look-up short.
LONGEST_TALK = 4 * 60 * 60


@dataclass(frozen=True)
class Migration:
    """One step; it is applied whole or not at all, and never edited after a release."""

    name: str
    statements: tuple[str, ...]


def _statements(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";\n") if part.strip())


PLACES = _statements("""
create table meta (name text primary key, value text not null) {strict};
create table municipalities (
    code text primary key, country text not null check (country in ('DK', 'NO')), name text not null,
    region text not null, valid_from text not null, valid_to text) {strict};
create table organisations (
    id text primary key,
    kind text not null check (kind in ('hospital', 'municipality', 'region', 'association', 'collaboration')),
    name text not null, country text not null check (country in ('DK', 'NO')), zone text not null,
    language text not null, municipality text references municipalities (code), phone text not null,
    valid_from text not null, valid_to text, version {count} not null default 1,
    created_at {instant} not null) {strict};
create unique index organisations_name on organisations (name);
create index organisations_municipality on organisations (municipality);
create table units (
    id text primary key, organisation text not null references organisations (id),
    kind text not null check (kind in ('ward', 'team')), name text not null, phone text not null,
    notice_minutes {count} not null default 0, horizon_days {count} not null default 60,
    valid_to text, version {count} not null default 1, created_at {instant} not null,
    unique (organisation, name)) {strict};
create table collaboration_members (
    collaboration text not null, municipality text not null references municipalities (code),
    name text not null, country text not null, valid_from text not null, valid_to text,
    primary key (collaboration, municipality)) {strict};
create index collaboration_members_municipality on collaboration_members (municipality);
create table agreements (
    hospital text not null references organisations (id), municipality text not null references organisations (id),
    since text not null, until text, primary key (hospital, municipality)) {strict}
""")

PEOPLE = _statements("""
create table accounts (
    id text primary key, organisation text not null references organisations (id),
    role text not null check (role in ('ward', 'nurse', 'coordinator', 'association', 'administrator')),
    name text not null, title text not null default '', email text not null unique, phone text not null default '',
    hours text not null default '', language text not null, password_hash text, photo text,
    disabled_at {instant}, version {count} not null default 1, created_at {instant} not null) {strict};
create table photos (
    id text primary key, account text not null references accounts (id), media_type text not null,
    content {bytes} not null, created_at {instant} not null) {strict};
create table memberships (
    account text not null references accounts (id), unit text not null references units (id),
    primary key (account, unit)) {strict};
create index memberships_unit on memberships (unit);
create table working_hours (
    account text not null references accounts (id), weekday {count} not null check (weekday between 0 and 6),
    from_minute {count} not null check (from_minute between 0 and 1440),
    to_minute {count} not null check (to_minute between 0 and 1440), zone text not null,
    check (from_minute < to_minute), primary key (account, weekday, from_minute)) {strict};
create table absences (
    id text primary key, account text not null references accounts (id), starts_at {instant} not null,
    ends_at {instant} not null, entered_by text not null, created_at {instant} not null,
    check (starts_at < ends_at)) {strict};
create index absences_account on absences (account, ends_at);
create table sessions (
    id_hash text primary key, account text not null references accounts (id), created_at {instant} not null,
    seen_at {instant} not null, expires_at {instant} not null) {strict};
create index sessions_account on sessions (account);
create table one_time_links (
    id_hash text primary key, purpose text not null check (purpose in ('set-up', 'password')),
    account text references accounts (id), created_at {instant} not null, expires_at {instant} not null,
    used_at {instant}) {strict};
create table api_tokens (
    id text primary key, token_hash text not null unique, organisation text not null references organisations (id),
    scopes text not null, created_at {instant} not null, revoked_at {instant}) {strict};
create table idempotency_keys (
    organisation text not null, key text not null, request_hash text not null, status {count} not null,
    response {json} not null, created_at {instant} not null, primary key (organisation, key)) {strict}
""")

TALKS = _statements("""
create table programmes (
    id text primary key, names {json} not null, talk_points {json} not null, retired_at {instant}) {strict};
create table themes (id text primary key, names {json} not null, position {count} not null) {strict};
create table patients (
    id text primary key, hospital text not null references organisations (id), reference text not null,
    initials text not null, name text not null, phone text not null default '', email text not null default '',
    language text not null, sex text check (sex in ('female', 'male', 'other')), birth_year {count},
    national_id {bytes}, protected_address {instant}, version {count} not null default 1,
    created_at {instant} not null, unique (hospital, reference)) {strict};
create table pathways (
    id text primary key, patient text not null references patients (id),
    programme text not null references programmes (id), opened_at {instant} not null, closed_at {instant},
    closed_because text) {strict};
create index pathways_patient on pathways (patient);
create table talks (
    id text primary key, uid text not null unique, pathway text not null references pathways (id),
    hospital text not null references organisations (id), ward text references units (id),
    municipality text not null references municipalities (code), team text not null references units (id),
    nurse text references accounts (id),
    starts_at {instant} not null, ends_at {instant} not null, zone text not null,
    state text not null check (state in ('asked', 'booked', 'confirmed', 'held', 'not-held', 'cancelled')),
    language text not null, interpreter text, interpreter_state text
        check (interpreter_state in ('needed', 'ordered', 'confirmed')), interpreter_reference text,
    place text not null default '', discharge_on text,
    minor_children text not null check (minor_children in ('yes', 'no', 'not-asked')),
    intended_form text not null default 'video' check (intended_form in ('video', 'phone', 'in-person')),
    override_reason text, cancel_reason text, not_held_because text, stopped_at {instant}, stopped_because text,
    municipality_left_at {instant}, sequence {count} not null default 0, stamp {instant} not null,
    version {count} not null default 1,
    demo {instant}, booked_by text not null, created_at {instant} not null, updated_at {instant} not null,
    check (starts_at < ends_at and ends_at - starts_at <= 14400)) {strict};
create index talks_nurse on talks (nurse, starts_at, ends_at, state);
create index talks_ward on talks (ward, starts_at);
create index talks_team on talks (team, starts_at);
create index talks_start on talks (starts_at);
create index talks_pathway on talks (pathway);
@overlap-guard;
create table talk_themes (
    talk text not null references talks (id), theme text not null references themes (id),
    primary key (talk, theme)) {strict};
create table participants (
    id text primary key, talk text not null references talks (id),
    role text not null
        check (role in ('ward', 'nurse', 'patient', 'relative', 'interpreter', 'gp', 'peer', 'other')),
    account text references accounts (id), name text not null, email text not null default '',
    phone text not null default '', relation text not null default '', language text not null,
    speaks_for text references participants (id), may_look_back {instant},
    response text not null default 'none' check (response in ('none', 'accepted', 'tentative', 'declined')),
    responded_at {instant}, delivery text not null default 'none'
        check (delivery in ('none', 'queued', 'sent', 'refused')),
    position {count} not null, removed_at {instant}) {strict};
create index participants_talk on participants (talk);
create index participants_account on participants (account);
create table consents (
    id text primary key, talk text not null references talks (id), recipient_kind text not null
        check (recipient_kind in ('municipality', 'relative', 'association', 'gp')),
    recipient text not null, given_at {instant}, refused_at {instant}, how text not null
        check (how in ('spoken', 'written', 'behalf')), basis text not null default '', asked_by text not null,
    recorded_by text not null, recorded_at {instant} not null, withdrawn_at {instant}, withdrawn_by text) {strict};
create index consents_talk on consents (talk);
create table links (
    id text primary key, purpose text not null check (purpose in ('join', 'summary')),
    talk text not null references talks (id), participant text not null references participants (id),
    generation {count} not null default 1, code_number {count} not null default 1,
    tries {count} not null default 0, revoked_at {instant},
    created_at {instant} not null, unique (participant, purpose)) {strict};
create index links_talk on links (talk);
create table seats (
    participant text primary key references participants (id), talk text not null references talks (id),
    name text not null, relation text not null default '', knocked_at {instant}, admitted_at {instant},
    admitted_by text, declined_at {instant}) {strict};
create index seats_talk on seats (talk);
create table tablets (
    id text primary key, talk text not null unique references talks (id), generation {count} not null default 1,
    created_at {instant} not null) {strict};
create table admissions (
    talk text not null references talks (id), seat text not null, device text not null,
    let_in_at {instant} not null, primary key (seat, device)) {strict};
create index admissions_talk on admissions (talk);
create table stays (
    id text primary key, talk text not null references talks (id), seat text not null,
    participant text references participants (id), account text references accounts (id),
    way text not null check (way in ('device', 'phone')),
    joined_at {instant} not null, seen_at {instant} not null, left_at {instant}) {strict};
create index stays_talk on stays (talk);
create index stays_open on stays (left_at);
create table talk_forms (
    id text primary key, talk text not null references talks (id),
    form text not null check (form in ('video', 'sound')),
    began_at {instant} not null, seen_at {instant} not null, ended_at {instant}) {strict};
create index talk_forms_talk on talk_forms (talk);
create table outbox (
    id text primary key, number {count} not null unique, talk text references talks (id),
    participant text references participants (id),
    account text references accounts (id), letter text not null, facts {json} not null,
    state text not null check (state in ('queued', 'sending', 'sent', 'refused', 'dropped')),
    attempts {count} not null default 0, due_at {instant} not null, lease_until {instant}, trouble text,
    created_at {instant} not null, sent_at {instant}) {strict};
create index outbox_due on outbox (state, due_at);
create index outbox_participant on outbox (participant, number);
create index outbox_talk on outbox (talk)
""")

OUTCOMES = _statements("""
create table providers (
    id text primary key, organisation text references organisations (id), kind text not null
        check (kind in ('municipality', 'hospital', 'association', 'civil-society')),
    name text not null, municipality text references municipalities (code), valid_from text not null,
    valid_to text) {strict};
create table offers (
    id text primary key, provider text not null references providers (id), kind text not null,
    current_version text, checked_on text, retired_at {instant}, version {count} not null default 1) {strict};
create table offer_versions (
    id text primary key, offer text not null references offers (id), number {count} not null,
    facts {json} not null, created_at {instant} not null, unique (offer, number)) {strict};
create table offer_texts (
    version text not null references offer_versions (id), language text not null, name text not null,
    summary text not null, primary key (version, language)) {strict};
create table offer_reach (
    offer text not null references offers (id), reach text not null, primary key (offer, reach)) {strict};
create index offer_reach_reach on offer_reach (reach);
create table offer_programmes (
    offer text not null references offers (id), programme text not null, primary key (offer, programme)) {strict};
create table offer_themes (
    offer text not null references offers (id), theme text not null, primary key (offer, theme)) {strict};
create table offer_next_steps (
    offer text not null references offers (id), next_offer text not null,
    primary key (offer, next_offer)) {strict};
create table showings (
    id text primary key, talk text not null references talks (id), offer text not null references offers (id),
    offer_version text not null references offer_versions (id),
    audience text not null check (audience in ('everyone', 'patient-and-ward')),
    position {count} not null,
    shown_at {instant} not null, shown_by text not null, unique (talk, offer)) {strict};
create table outcomes (
    talk text primary key references talks (id), version {count} not null,
    form text not null check (form in ('video', 'phone', 'in-person')),
    contact_account text references accounts (id), contact_name text not null default '',
    contact_phone text not null default '', contact_hours text not null default '', follow_up_on text,
    words text not null default '', saved_at {instant} not null, saved_by text not null) {strict};
create table outcome_present (
    talk text not null references talks (id), participant text not null references participants (id),
    primary key (talk, participant)) {strict};
create table decisions (
    talk text not null references talks (id), offer text not null references offers (id),
    for_whom text not null check (for_whom in ('patient', 'relative', 'child')),
    offer_version text not null references offer_versions (id),
    decision text check (decision in ('accepted', 'undecided', 'declined', 'has-already', 'not-relevant')),
    reason text, ask_again text, words text not null default '', decided_at {instant} not null,
    decided_by text not null, primary key (talk, offer, for_whom)) {strict};
create table unmet_needs (
    id text primary key, talk text not null references talks (id), theme text not null references themes (id),
    words text not null default '', recorded_at {instant} not null, recorded_by text not null) {strict};
create index unmet_needs_talk on unmet_needs (talk);
create table drafts (
    talk text not null references talks (id), account text not null references accounts (id),
    body {json} not null, base_version {count} not null, saved_at {instant} not null,
    primary key (talk, account)) {strict};
create table audit (
    seq {count} primary key, at {instant} not null, actor_kind text not null
        check (actor_kind in ('staff', 'guest', 'program', 'operator', 'system')),
    actor text not null, actor_name text not null, organisation text, role text, action text not null,
    object_kind text not null, object text not null, talk text, detail {json} not null,
    prev_hash text not null, hash text not null) {strict};
create index audit_talk on audit (talk);
@audit-guard
""")

MIGRATIONS = (
    Migration("0001_places", PLACES),
    Migration("0002_people", PEOPLE),
    Migration("0003_talks", TALKS),
    Migration("0004_outcomes", OUTCOMES),
)
