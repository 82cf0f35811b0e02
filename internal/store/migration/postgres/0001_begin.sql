-- +goose Up

-- Large bodies by the SHA-256 of their content.
create table blob (
    ref      text    not null primary key,
    size     bigint  not null check (size >= 0),
    encoding text    not null check (encoding in ('raw', 'gzip', 'masked')), -- masked: it is not kept any more
    sealed   boolean not null,
    body     bytea
);
-- The bytes are compressed already.
alter table blob alter column body set storage external;

-- When the next request of a client may leave, in microseconds UTC. One row per client id of Procountor.
create table request_limit (
    client_id text   not null primary key,
    next_us   bigint not null
);

-- Acts of people and of the hub, each carrying the hash of the one before.
create table act (
    seq     bigint not null primary key check (seq > 0),
    at      bigint not null,
    actor   text   not null,
    kind    text   not null,
    subject text   not null,
    detail  text   not null,
    prev    text   not null,
    hash    text   not null
);
create index act_by_subject on act (subject, seq);

-- The end of the chain: what follows must name it, and a cut-off tail is noticed.
create table act_head (
    one  integer not null primary key check (one = 1),
    seq  bigint  not null,
    hash text    not null
);
insert into act_head (one, seq, hash) values (1, 0, '');

-- +goose StatementBegin
create function act_keep() returns trigger language plpgsql as $$
begin
    raise exception 'acts are never changed or removed';
end;
$$;
-- +goose StatementEnd
create trigger act_keep_rows before update or delete on act for each row execute function act_keep();
create trigger act_keep_table before truncate on act for each statement execute function act_keep();

create table person (
    id             text    not null primary key,
    login          text    not null unique check (login = lower(login)),
    name           text    not null,
    role           text    not null, -- in every company; or by_company
    kinds          text    not null default '', -- of documents, with spaces between; '' is all
    payroll        boolean not null default false, -- sees the amounts of payroll, where they see its documents
    language       text    not null,
    password       text    not null,
    disabled       boolean not null,
    created        bigint  not null,
    sessions_since bigint  not null,
    no_mail        text    not null default '' -- companies, with spaces between; * is all
);

-- At most one at a time: lets the first administrator in.
create table setup_token (
    one     integer not null primary key check (one = 1),
    hash    text    not null,
    expires bigint  not null
);

-- At most one for each person: lets them choose a password, once.
create table password_token (
    person  text   not null primary key references person (id),
    hash    text   not null unique,
    expires bigint not null
);

create table session (
    token_hash text   not null primary key,
    data       bytea  not null,
    expires    bigint not null
);
create index session_by_expiry on session (expires);
