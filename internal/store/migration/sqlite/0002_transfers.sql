-- +goose Up

-- Small tables are kept in the order of their keys ("without rowid"): one tree
-- to write instead of two.

-- Vienti as Procountor knows it. The secret is sealed with the row's id.
create table client (
    id         text   not null primary key,
    name       text   not null,
    client_id  text   not null unique,
    secret     text   not null,
    per_second bigint not null check (per_second >= 0),
    created    bigint not null
);

-- A company in Procountor, with its key (sealed), and what we know of its registers.
create table company (
    id              text   not null primary key,
    client          text   not null references client (id),
    procountor_id   bigint not null,
    name            text   not null,
    business_id     text   not null,
    country         text   not null,
    currency        text   not null,
    environment     text   not null check (environment in ('sandbox', 'testing', 'production')),
    base_url        text   not null,
    -- How it is opened: by a key, or by a person who has logged in at Procountor (sealed tokens, since when, who).
    -- The lease is the one refresher's among all nodes.
    api_key         text   not null,
    login           text   not null default '',
    login_at        bigint not null default 0,
    login_by        text   not null default '',
    login_lease     text   not null default '',
    login_lease_until bigint not null default 0,
    paused          text   not null,
    paused_until    bigint not null,
    registers       text   not null,
    registers_at    bigint not null,
    history_from    text   not null,
    history_version text   not null,
    history_at      bigint not null,
    partners_at     bigint not null,
    partners_all    bigint not null default 0,
    created         bigint not null,
    -- How somebody wants it detached, while what is under way is seen to; who; and since when it is.
    leaving         text   not null default '' check (leaving in ('', 'finish', 'stop')),
    detached_by     text   not null default '',
    detached        bigint not null default 0,
    unique (base_url, procountor_id),
    check (api_key = '' or login = ''),
    -- A detached company has neither key nor login.
    check (detached = 0 or (api_key = '' and login = '' and leaving = ''))
);

-- The companies in which somebody has a role of their own: only who has none in all.
create table person_company (
    person  text not null references person (id),
    company text not null references company (id),
    role    text not null check (role <> 'by_company'),
    primary key (person, company)
) without rowid;
create index person_company_by_company on person_company (company);

-- What people are told of by mail: each as long as it lasts. Connection is '' for a company as a whole.
create table alert_cause (
    key        text    not null primary key,
    company    text    not null references company (id),
    connection text    not null,
    kind       text    not null,
    code       text    not null,
    since      bigint  not null,
    told       boolean not null,
    check ((connection = '') = (kind = ''))
);

-- Letters: planned with what they tell; sending is the intent, and left by an
-- outcome only. Whoever finds one sending that nobody works on calls it unclear:
-- a mail server cannot be asked, so such a letter is not sent again.
create table letter (
    key     text   not null primary key,
    address text   not null,
    -- What the link at its end stops; the link itself is made when it is sent, and kept nowhere.
    scope   text   not null,
    subject text   not null,
    body    text   not null,
    state   text   not null check (state in ('planned', 'sending', 'sent', 'refused', 'unclear')),
    created bigint not null,
    next_at bigint not null,
    tried   bigint not null,
    tries   bigint not null,
    error   text   not null
);
create index letter_due on letter (state, next_at);

-- What people have written about reasons of Procountor's that have no text of ours.
create table own_note (
    key    text   not null primary key,
    text   text   not null check (text <> ''),
    author text   not null,
    at     bigint not null
);

-- A company that somebody is connecting: what has been given so far, secrets sealed.
create table joining (
    id          text   not null primary key,
    person      text   not null,
    before      text   not null check (before in ('none', 'one')),
    environment text   not null,
    base_url    text   not null,
    client_id   text   not null,
    secret      text   not null,
    api_key     text   not null,
    trial       text   not null,
    -- Logging in at Procountor instead of giving a key: the tokens (sealed); and while somebody is on the way there, the
    -- hash of the state that comes back, that of the browser session it may come back to, the verifier (sealed), where to,
    -- until when.
    login          text   not null default '',
    login_state    text   not null default '',
    login_session  text   not null default '',
    login_verifier text   not null default '',
    login_redirect text   not null default '',
    login_until    bigint not null default 0,
    -- A company that is there and is logged in to again; where the browser goes at the end.
    again          text   not null default '',
    return_url     text   not null default '',
    created     bigint not null
);

-- One company of one business system joined to a company in Procountor.
create table connection (
    id               text    not null primary key,
    company          text    not null references company (id),
    name             text    not null,
    system           text    not null,
    settings         text    not null,
    settings_version bigint  not null check (settings_version > 0),
    writing          boolean not null,
    cursor           text    not null,
    created          bigint  not null,
    unique (company, name)
);

create table settings_version (
    connection text   not null references connection (id),
    version    bigint not null,
    settings   text   not null,
    author     text   not null,
    at         bigint not null,
    primary key (connection, version)
) without rowid;

-- Addresses of no user that are told by mail of the documents of a connection; stopped is
-- when a reader wanted no more letters, 0 for not.
create table mailbox (
    connection text   not null references connection (id),
    address    text   not null check (length(address) <= 254 and address like '%_@_%' and address = lower(address)),
    language   text   not null check (language in ('fi', 'sv', 'en', 'nl')),
    stopped    bigint not null default 0,
    primary key (connection, address)
) without rowid;
create index mailbox_by_address on mailbox (address);

-- How a connection is read by itself: by which connector, with which options (the
-- secret ones sealed), and when. fault says why the last run found nothing, and
-- next_at 0 that nobody tries before a person has acted.
create table source (
    connection  text    not null primary key references connection (id),
    kind        text    not null,
    options     text    not null,
    secrets     text    not null,
    every       bigint  not null check (every > 0), -- seconds
    quiet       text    not null,
    fault       text    not null,
    asked       bigint  not null,
    next_at     bigint  not null,
    lease       text    not null,
    lease_until bigint  not null,
    changed     bigint  not null,
    author      text    not null,
    -- How far its registers of items have been read: since when, and on which axes.
    listed      text    not null default '',
    check (next_at > 0 or fault <> ''),
    check ((lease = '') = (lease_until = 0))
) without rowid;
create index source_due on source (next_at) where next_at > 0;

-- What each run of a source came to; the latest are kept.
create table pull (
    id         text   not null primary key,
    connection text   not null references connection (id),
    began      bigint not null,
    ended      bigint not null,
    asked      boolean not null,
    documents  bigint not null,
    fresh      bigint not null,
    changed    bigint not null,
    held       bigint not null,
    fault      text   not null
) without rowid;
create index pull_list on pull (connection, id);

-- Tokens by which a business system pushes; only their hash is kept.
create table push_token (
    hash       text   not null primary key,
    connection text   not null references connection (id),
    name       text   not null,
    -- What it may: read, write, and which kinds of documents, with spaces between; '' is all. And whether it sees the
    -- amounts of payroll.
    reads      boolean not null default true,
    writes     boolean not null default true,
    kinds      text   not null default '',
    payroll    boolean not null default false,
    created    bigint not null,
    used       bigint not null default 0, -- last, within some minutes
    revoked    bigint not null
) without rowid;

-- Vendors: makers of business systems whose one token stands for the connections that were made by its links.
-- return_urls, with spaces between, are where a browser may be sent afterwards.
create table vendor (
    id          text   not null primary key,
    name        text   not null unique,
    hash        text   not null unique,
    return_urls text   not null,
    created     bigint not null,
    used        bigint not null default 0, -- its token, last, within some minutes
    revoked     bigint not null default 0
) without rowid;

-- What a vendor has asked to have connected: a link that works once, until it expires; then the connection that was made by it.
create table vendor_link (
    id         text   not null primary key,
    vendor     text   not null references vendor (id),
    name       text   not null,
    reference  text   not null, -- the vendor's own name of its customer
    return_url text   not null,
    hash       text   not null,
    expires    bigint not null,
    connection text   not null default '',
    created    bigint not null,
    connected  bigint not null default 0,
    unique (vendor, reference),
    check ((connection = '') = (connected = 0)),
    check (connection = '' or hash = '')
) without rowid;
create unique index vendor_link_by_hash on vendor_link (hash) where hash <> '';
create unique index one_vendor_of_connection on vendor_link (connection) where connection <> '';

-- Connections whose business system is told what becomes of its documents: the number of the last change, and of the
-- newest that is no longer kept.
create table feed (
    connection text   not null primary key references connection (id),
    last       bigint not null default 0,
    gone       bigint not null default 0,
    check (gone between 0 and last)
) without rowid;

-- What has become of documents, told to their business system. Each connection has one ascending row of numbers without
-- holes, given at the end of the transaction that changes the document: no smaller one is ever committed later.
create table change (
    connection text   not null references feed (connection),
    seq        bigint not null check (seq > 0),
    id         text   not null unique, -- by which a receiver knows it again
    kind       text   not null,
    subject    text   not null, -- of one subject, changes are told in their order
    document   text   not null, -- '' when it is about none
    source_id  text   not null,
    detail     text   not null,
    at         bigint not null,
    primary key (connection, seq)
) without rowid;
create index change_by_time on change (connection, at);

-- Where the changes of a connection are told to by webhooks. kinds are those that are, with spaces between, '' for all.
-- The secrets are sealed; before is that from before a rotation, good until before_until. failing is since when nothing
-- has come through, next_at when it is tried again, parked since when nobody tries any more, ended since when it is gone.
create table webhook (
    id           text   not null primary key,
    connection   text   not null references feed (connection),
    url          text   not null,
    kinds        text   not null,
    language     text   not null check (language in ('fi', 'sv', 'en', 'nl')),
    secret       text   not null,
    before       text   not null default '',
    before_until bigint not null default 0,
    created      bigint not null,
    author       text   not null,
    fails        bigint not null default 0,
    failing      bigint not null default 0,
    next_at      bigint not null default 0,
    parked       bigint not null default 0,
    ended        bigint not null default 0,
    lease        text   not null default '',
    lease_until  bigint not null default 0,
    check ((fails = 0) = (failing = 0)),
    check ((lease = '') = (lease_until = 0)),
    check (ended = 0 or secret = '')
) without rowid;
create index webhook_of on webhook (connection) where ended = 0;

-- What is told, or was, to which: made with the change, and of one subject told in order.
create table delivery (
    webhook  text   not null references webhook (id),
    seq      bigint not null,
    subject  text   not null,
    state    text   not null check (state in ('planned', 'delivered', 'given_up')),
    tries    bigint not null default 0,
    first_at bigint not null default 0, -- of the tries
    next_at  bigint not null,
    tried_at bigint not null default 0,
    took     bigint not null default 0, -- of the last try, milliseconds
    status   bigint not null default 0, -- HTTP, 0 without an answer
    error    text   not null default '',
    primary key (webhook, seq)
) without rowid;
create index delivery_in_order on delivery (webhook, subject, seq) where state = 'planned';
create index delivery_due on delivery (webhook, next_at) where state = 'planned';

-- How the transfers stood that the running transaction changes. Empty between transactions.
create table changing (
    transfer       text   not null primary key,
    state          text   not null, -- '' of a new one
    faults         text   not null,
    version        text   not null,
    invoice_id     bigint not null,
    invoice_number bigint not null,
    reference      text   not null
) without rowid;

-- What a source has shown, newest content; every content it ever had is in document_version.
create table document (
    id         text   not null primary key,
    connection text   not null references connection (id),
    source_id  text   not null,
    version    text   not null,
    seen       bigint not null,
    changed    bigint not null,
    -- Where it stands on its source's side, outside the version; and how far the source's approval round has come.
    standing   text   not null default '',
    round      text   not null default '' check (round in ('', 'open', 'complete', 'rejected')),
    -- The dates that a person has chosen instead of its source's, '' for none.
    dates      text   not null default '',
    -- What people have said about its files, outside the version as well.
    choice     text   not null default '',
    -- The source's id of the claim or payroll run that it is, or is a part of; '' for what is neither.
    claim      text   not null default '',
    unique (connection, source_id)
) without rowid;

create index document_list on document (connection, id);
create index document_of_claim on document (connection, claim) where claim <> '';

create table document_version (
    document text   not null references document (id),
    version  text   not null,
    content  text   not null,
    raw      text   not null,
    place    text   not null default '', -- of the document in a file of several: Finvoice[2]
    faults   text   not null,
    at       bigint not null,
    primary key (document, version)
) without rowid;

-- The bodies of a document's attachments, and what each is by its content.
create table document_file (
    document text not null references document (id),
    hash     text not null,
    ref      text not null,
    found    text not null default '',
    primary key (document, hash)
) without rowid;

-- The queue and the truth: one document, or one register entry, in one direction.
create table transfer (
    id             text    not null primary key,
    company        text    not null references company (id),
    connection     text    not null references connection (id),
    kind           text    not null check (kind in ('document', 'partner', 'card', 'dimension_item', 'product', 'payment', 'offset', 'report', 'approval')),
    direction      text    not null check (direction in ('in', 'out')),
    subject        text    not null,
    goal           text    not null check (goal in ('deliver', 'take_back', 'send_beside', 'credit_anew', 'difference_journal', 'reverse_anew')),
    state          text    not null check (state in ('noticed', 'ready', 'working', 'waiting', 'unclear', 'held', 'refused',
                                                     'skipped', 'linked', 'done', 'done_with_warning', 'done_by_hand',
                                                     'taken_back', 'withdrawn')),
    faults         text    not null,
    plan           bigint  not null,
    step_at        bigint  not null,
    steps          bigint  not null,
    wake_at        bigint  not null,
    waits_for      text    not null,
    rounds         bigint  not null,
    doc_kind       text    not null,
    covers         text    not null default '', -- the kind of the documents that a journal of ours is made of
    credit_note    boolean not null,
    number         text    not null,
    sort_key       text    not null,
    partner_name   text    not null,
    date           text    not null,
    due_date       text    not null,
    gross          text not null,
    currency       text    not null,
    version        text    not null,
    standing       text    not null,
    asked          text    not null,
    invoice_id     bigint  not null,
    invoice_number bigint  not null,
    reference      text not null,
    partner_id     bigint  not null,
    party          text    not null default '', -- who the other party is, once its partner was in doubt
    -- What people look for in lists: the day (its date, or the day it came), the number in lower case and its last
    -- run of digits where that is not the whole number, the other party in lower case.
    day            text not null,
    number_key     text not null,
    number_tail    text not null,
    party_key      text not null,
    code           text    not null,
    created        bigint  not null,
    changed        bigint  not null,
    lease          text    not null,
    lease_until    bigint  not null,
    asks           boolean not null default false, -- it has an open task, perhaps of a plan before
    -- One document, one transfer; one partner of one company, one transfer.
    unique (company, kind, direction, subject),
    -- Whoever waits says until when or for whom; who works or is unclear has a plan.
    check (state <> 'waiting' or wake_at > 0 or waits_for <> ''),
    check (state <> 'unclear' or plan > 0),
    check (kind not in ('card', 'dimension_item', 'product') or direction = 'in'),
    check (kind <> 'report' or direction = 'out'),
    check (kind <> 'approval' or direction = 'in'),
    -- Nobody looks for, or sums up, what people earn.
    check (doc_kind <> 'payroll_journal' and covers <> 'payroll_journal' or gross = ''),
    -- Whoever stands still says why.
    check (state not in ('held', 'refused') or faults <> '')
);
create index transfer_due on transfer (company, wake_at) where state in ('ready', 'working', 'waiting', 'unclear');
create index transfer_lease on transfer (company, lease_until) where lease <> '';
create index transfer_waiting on transfer (waits_for) where waits_for <> '';
create index transfer_order on transfer (connection, sort_key) where state in ('ready', 'working', 'waiting', 'unclear');
create index transfer_party on transfer (company, party) where state = 'held' and party <> '';
-- The list goes by day (decision 024): one index for each way to go through it, and small ones for what is in any state
-- but done, and for what has an open task, so that these are found among a million that are done.
create index list_all on transfer (day, id);
create index list_connection on transfer (connection, day, id);
create index list_kind on transfer (doc_kind, day, id);
create index list_state on transfer (state, day, id, kind, company, connection, doc_kind, code) where state <> 'done';
create index list_asks on transfer (day, id, state, kind, company, connection, doc_kind, plan) where asks;
create index list_number on transfer (number_key);
create index list_tail on transfer (number_tail) where number_tail <> '';
create index list_invoice_number on transfer (invoice_number) where invoice_number > 0;
create index list_reference on transfer (reference) where reference <> '';
create index list_gross on transfer (gross);
create index list_party on transfer (party_key);
create index transfer_invoice on transfer (company, invoice_id) where invoice_id > 0;

-- The other parties of all transfers, in lower case, each once: words are searched here, then by whole name in transfer.
create table party_name (
    name text not null primary key
) without rowid;
-- +goose StatementBegin
create trigger party_new after insert on transfer begin
    insert into party_name (name) values (new.party_key) on conflict do nothing;
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger party_renamed after update of party_key on transfer when new.party_key <> old.party_key begin
    insert into party_name (name) values (new.party_key) on conflict do nothing;
end;
-- +goose StatementEnd

-- Whatever changes a document or a payment, and by whichever statement, is told to its business system (law 4): the
-- transaction cannot forget it. What it comes to is read at its end, see Tx.writeChanges.
-- +goose StatementBegin
create trigger changing_new after insert on transfer
when new.kind in ('document', 'payment') and new.direction = 'in' and exists (select 1 from feed where connection = new.connection) begin
    insert into changing (transfer, state, faults, version, invoice_id, invoice_number, reference) values (new.id, '', '', '', 0, 0, '') on conflict do nothing;
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger changing_old after update of state, faults, version, invoice_id, invoice_number, reference on transfer
when new.kind in ('document', 'payment') and new.direction = 'in'
    and ((new.invoice_id, new.invoice_number, new.reference) is distinct from (old.invoice_id, old.invoice_number, old.reference)
        or (new.state in ('ready', 'working', 'waiting', 'unclear')) <> (old.state in ('ready', 'working', 'waiting', 'unclear'))
        or new.state not in ('ready', 'working', 'waiting', 'unclear') and (new.state, new.faults, new.version) is distinct from (old.state, old.faults, old.version))
    and exists (select 1 from feed where connection = new.connection) begin
    insert into changing (transfer, state, faults, version, invoice_id, invoice_number, reference)
        values (new.id, old.state, old.faults, old.version, old.invoice_id, old.invoice_number, old.reference) on conflict do nothing;
end;
-- +goose StatementEnd
-- What was told stays as it was told; it goes only when it is old, from the beginning.
-- +goose StatementBegin
create trigger change_stays before update on change begin
    select raise(abort, 'what was told is never changed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger change_goes before delete on change when old.seq > (select gone from feed where connection = old.connection) begin
    select raise(abort, 'what was told goes from the beginning only');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger change_follows before insert on change when new.seq <> (select last from feed where connection = new.connection) begin
    select raise(abort, 'what is told has the next number');
end;
-- +goose StatementEnd

-- Which documents a person has chosen in the list, until they are sent or let go.
create table chosen (
    person   text not null references person (id),
    transfer text not null references transfer (id),
    primary key (person, transfer)
) without rowid;

-- What somebody has sent at once, and how each document stood before: stopped, what has not begun stands so again.
create table sending (
    id         text   not null primary key,
    person     text   not null,
    created    bigint not null,
    stopped    bigint not null,
    stopped_by text   not null,
    check ((stopped = 0) = (stopped_by = ''))
) without rowid;
create table sending_document (
    sending  text   not null references sending (id),
    transfer text   not null references transfer (id),
    result   text   not null check (result in ('sent', 'not', 'returned')),
    before   text   not null,
    primary key (sending, transfer)
) without rowid;

-- The one living voucher of a document: from the moment of the intent, so that
-- no second one can even be intended (the third law). Released are those that a
-- person has let go: they stay in the books, and act says who wanted it, once.
create table voucher (
    id             text   not null primary key,
    company        text   not null references company (id),
    subject        text   not null,
    number         text   not null,
    invoice_id     bigint not null,
    invoice_number bigint not null,
    receipt_id     bigint not null default 0, -- of a journal: its ledger receipt, whose hidden invoice invoice_id is
    state          text   not null check (state in ('intended', 'living', 'released', 'ended')),
    act            bigint not null,
    created        bigint not null,
    ended          bigint not null,
    check (state not in ('living', 'released') or invoice_id > 0),
    check ((state in ('ended', 'released')) = (ended > 0)),
    check ((state = 'released') = (act > 0))
) without rowid;
create unique index one_living_voucher on voucher (subject) where state in ('intended', 'living');
create unique index one_release_per_act on voucher (act) where act > 0;
create index voucher_by_number on voucher (company, number) where state in ('intended', 'living');
create index voucher_by_invoice on voucher (company, invoice_id);
create unique index one_document_per_voucher on voucher (company, invoice_id) where state in ('living', 'released');

-- A credit note that we make of a voucher of ours, because a person wants it:
-- from the moment of the intent, so that no voucher is credited twice.
create table credit (
    id             text   not null primary key,
    company        text   not null references company (id),
    subject        text   not null,
    credits        bigint not null check (credits > 0),
    invoice_id     bigint not null,
    invoice_number bigint not null,
    state          text   not null check (state in ('intended', 'living', 'ended')),
    act            bigint not null check (act > 0),
    created        bigint not null,
    ended          bigint not null,
    check (state <> 'living' or invoice_id > 0),
    check ((state = 'ended') = (ended > 0))
) without rowid;
create unique index one_credit_per_voucher on credit (company, credits) where state <> 'ended';
create unique index one_credit_per_act on credit (act) where state <> 'ended';
create index credit_by_subject on credit (subject);
create index credit_by_invoice on credit (company, invoice_id);

-- Money that has moved for a document, as a source has shown it last.
create table payment (
    id         text   not null primary key,
    connection text   not null references connection (id),
    source_id  text   not null,
    document   text   not null,
    version    text   not null,
    content    text   not null,
    raw        text   not null,
    faults     text   not null,
    seen       bigint not null,
    changed    bigint not null,
    unique (connection, source_id)
) without rowid;
create index payment_of_document on payment (document, id) where document <> '';
create index transfer_number on transfer (connection, number) where kind = 'document';

-- A credit note and the invoice that it takes back, to be marked paid against each other
-- (decision 018). invoice_id is 0 until it is known; a credit note is offset once.
create table offset_pair (
    id             text   not null primary key,
    company        text   not null references company (id),
    connection     text   not null references connection (id),
    document       text   not null references document (id),
    note_id        bigint not null check (note_id > 0),
    note_number    bigint not null,
    credited       text   not null,
    invoice_id     bigint not null check (invoice_id <> note_id),
    invoice_number bigint not null,
    created        bigint not null,
    unique (company, note_id)
) without rowid;
create index offset_pair_of_document on offset_pair (document);
create index offset_pair_of_invoice on offset_pair (company, invoice_id) where invoice_id > 0;

-- What became of a payment in Procountor: at most one mark that is ours, from
-- the moment of the intent (the third law); one mark is made on an invoice at a
-- time, so that sums are looked at one after the other; and no two payments
-- stand for the same one in Procountor. payment is the row of a payment, or the
-- pair of an offset, which has a mark on each side.
create table payment_mark (
    id         text   not null primary key,
    company    text   not null references company (id),
    payment    text   not null,
    side       text   not null default '' check (side in ('', 'invoice', 'note')),
    invoice_id bigint not null check (invoice_id > 0),
    event_id   bigint not null,
    state      text   not null check (state in ('intended', 'living', 'linked', 'ended')),
    date       text   not null,
    amount     text   not null,
    created    bigint not null,
    changed    bigint not null,
    check (state not in ('living', 'linked') or event_id > 0)
) without rowid;
create unique index one_mark_of_payment on payment_mark (payment, side) where state <> 'ended';
create unique index one_mark_at_a_time on payment_mark (company, invoice_id) where state = 'intended';
create unique index one_payment_per_event on payment_mark (company, event_id) where state in ('living', 'linked');
create index payment_mark_by_invoice on payment_mark (company, invoice_id);

-- The months that a source has closed. At journal level its documents wait for that.
create table period (
    connection text   not null references connection (id),
    month      text   not null,
    closed     bigint not null check (closed > 0),
    actor      text   not null check (actor <> ''),
    primary key (connection, month)
) without rowid;

-- Which documents a journal is made of. A document is in one journal at most,
-- and then it has no voucher of its own (the third law). version is the content of
-- the document that is in the books, by the journal and its corrections; content is
-- that of the journal with which it was posted. Both are empty before.
create table journal_document (
    journal  text   not null references document (id),
    document text   not null references document (id),
    company  text   not null references company (id),
    number   text   not null,
    version  text   not null,
    content  text   not null default '',
    state    text   not null check (state in ('in', 'out')),
    created  bigint not null,
    ended    bigint not null,
    primary key (journal, document),
    check (journal <> document),
    check ((state = 'out') = (ended > 0))
) without rowid;
create unique index one_journal_of_document on journal_document (document) where state = 'in';
create index journal_document_by_number on journal_document (company, number) where state = 'in';

-- What sets right, in a journal of its own, the part that a document has in a journal:
-- one at a time, each because a person wants it. before and after are the contents of
-- the document in the books; a reversal leaves none, and what is booked anew begins with none.
create table correction (
    journal  text   not null primary key references document (id),
    base     text   not null references document (id),
    document text   not null references document (id),
    company  text   not null references company (id),
    how      text   not null check (how in ('difference', 'reversal', 'anew')),
    before   text   not null,
    after    text   not null,
    seq      bigint not null check (seq > 0),
    state    text   not null check (state in ('begun', 'living', 'ended')),
    act      bigint not null check (act > 0),
    created  bigint not null,
    ended    bigint not null,
    check ((how = 'reversal') = (after = '')),
    check ((how = 'anew') = (before = '')),
    check ((state = 'ended') = (ended > 0)),
    check (journal <> document and journal <> base)
) without rowid;
create unique index one_correction_at_a_time on correction (document) where state = 'begun';
create unique index correction_in_chain on correction (base, document, seq) where state <> 'ended';
create unique index one_correction_per_act on correction (act, how) where state <> 'ended';

-- One write each. The first law: who is intended has a key, a time and the bytes.
create table step (
    id          text   not null primary key,
    transfer    text   not null references transfer (id),
    plan        bigint not null check (plan > 0),
    seq         bigint not null check (seq > 0),
    kind        text   not null check (kind in ('make_partner', 'update_partner', 'make_item', 'update_item', 'make_product', 'post_invoice', 'replace_invoice', 'put_receipt', 'credit_invoice', 'attach', 'circulate', 'verify', 'approve',
                                                'send', 'unfinish', 'invalidate', 'mark_paid', 'post_journal', 'write_record', 'change_record', 'remove_record', 'tell_source', 'annotate')),
    state       text   not null check (state in ('planned', 'intended', 'proved', 'refused', 'unclear')),
    attempt     bigint not null,
    key         text   not null,
    request     text   not null,
    answer      text   not null,
    detail      text   not null,
    intended_at bigint not null,
    ended_at    bigint not null,
    looked_at   bigint not null,
    looks       bigint not null,
    fault       text   not null,
    unique (transfer, plan, seq),
    check (state not in ('intended', 'unclear') or (key <> '' and attempt > 0 and intended_at > 0))
) without rowid;
create unique index step_key on step (key) where key <> '';
-- At most one write of a transfer is in the air.
create unique index one_write_at_a_time on step (transfer) where state in ('intended', 'unclear');

-- What a document that has arrived still asks of a person: one row for each code
-- of its warnings that somebody must see to, per plan.
create table task (
    transfer text   not null references transfer (id),
    plan     bigint not null,
    code     text   not null check (code <> ''),
    done_by  text   not null,
    done_at  bigint not null,
    note     text   not null,
    primary key (transfer, plan, code),
    check ((done_by = '') = (done_at = 0))
) without rowid;
create index task_open on task (code) where done_at = 0;
-- A transfer says that it has open tasks, so that these are found in the order of the list.
-- +goose StatementBegin
create trigger task_opened after insert on task when new.done_at = 0 begin
    update transfer set asks = true where id = new.transfer and not asks;
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger task_marked after update of done_at on task begin
    update transfer set asks = exists (select 1 from task where transfer = new.transfer and done_at = 0) where id = new.transfer;
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger task_gone after delete on task begin
    update transfer set asks = exists (select 1 from task where transfer = old.transfer and done_at = 0) where id = old.transfer;
end;
-- +goose StatementEnd

-- What Procountor shows afterwards of an invoice that a document has there, of its
-- credit notes, and of what a person has let go; read in batches, at due_at (0: never
-- more). Sums are decimal text in the invoice's currency.
create table watch (
    company    text   not null references company (id),
    invoice_id bigint not null check (invoice_id > 0),
    transfer   text   not null references transfer (id),
    since      bigint not null,
    sent_at    bigint not null,
    due_at     bigint not null,
    read_at    bigint not null,
    status     text   not null,
    paid       text   not null check (paid in ('', 'open', 'partly', 'paid')),
    currency   text   not null,
    total      text   not null,
    open       text   not null,
    paid_on    text   not null,
    payments   bigint not null,
    returned   text   not null,
    primary key (company, invoice_id),
    check ((read_at = 0) = (paid = ''))
) without rowid;
create index watch_due on watch (company, due_at) where due_at > 0;
create index watch_open on watch (paid, company, open) where paid in ('open', 'partly');
create index watch_unread on watch (company) where paid = '';

-- Payments by reference, as Procountor's bank connection shows them. Whose money one is stands here
-- only while it is allocated to nothing. sum is decimal text, reference without blanks and zeros before it.
create table reference_payment (
    company      text    not null references company (id),
    id           bigint  not null check (id > 0),
    value_date   text    not null,
    payment_date text    not null,
    sum          text    not null,
    currency     text    not null,
    reference    text    not null,
    payer        text    not null,
    allocated    boolean not null,
    invoice_id   bigint  not null check (invoice_id >= 0),
    primary key (company, id),
    check (allocated or invoice_id = 0),
    check (not allocated or payer = '')
) without rowid;
create index reference_payment_of on reference_payment (company, invoice_id) where invoice_id > 0;
create index reference_payment_open on reference_payment (company, payment_date) where not allocated;

-- When they are read next, and were last read as far back as needed. barred: the key may not.
create table reference_reading (
    company  text    not null primary key references company (id),
    due_at   bigint  not null,
    whole_at bigint  not null,
    barred   boolean not null
) without rowid;

-- When a journal of ours is looked at next in Procountor, and in which status it was.
create table journal_watch (
    company    text   not null references company (id),
    receipt_id bigint not null check (receipt_id > 0),
    transfer   text   not null references transfer (id),
    since      bigint not null,
    due_at     bigint not null,
    read_at    bigint not null,
    status     text   not null,
    primary key (company, receipt_id)
) without rowid;
create index journal_watch_due on journal_watch (company, due_at) where due_at > 0;

-- Purchase invoices of Procountor that may go to the source of a connection. document is '' for one that came
-- from a source, or that we have made: it never goes back. number is the supplier's. Read again at due_at (0: never more).
create table back (
    connection text   not null references connection (id),
    invoice_id bigint not null check (invoice_id > 0),
    company    text   not null references company (id),
    document   text   not null,
    number     text   not null,
    status     text   not null,
    receipt_id bigint not null,
    due_at     bigint not null,
    read_at    bigint not null,
    files      text   not null default '', -- those that Procountor has of it, by its ids (JSON)
    primary key (connection, invoice_id)
) without rowid;
create index back_due on back (company, due_at) where due_at > 0;
create unique index back_document on back (document) where document <> '';

-- Purchase invoices of Procountor on their round of persons (decision 033): an invoice once, whichever connection has read it. version counts the
-- decisions, so that of two at once only one is taken; waits is whose turn it is, turn how often the round has begun anew. content is what people
-- are shown of it, print the fingerprint of what they decide about (JSON). Read again at due_at (0: never more).
create table purchase_round (
    id             text   not null primary key,
    company        text   not null references company (id),
    connection     text   not null references connection (id),
    invoice_id     bigint not null check (invoice_id > 0),
    state          text   not null check (state in ('open', 'approved', 'rejected', 'ended', 'left')),
    waits          text   not null,
    version        bigint not null check (version >= 0),
    turn           bigint not null check (turn >= 0),
    stages         text   not null,
    required       bigint not null check (required >= 0),
    split          text   not null,
    found          text   not null,
    number         text   not null,
    invoice_number bigint not null,
    supplier       text   not null,
    supplier_key   text   not null, -- in lower case
    date           text   not null,
    due_date       text   not null,
    net            text   not null,
    gross          text   not null,
    currency       text   not null,
    status         text   not null,
    receipt_id     bigint not null,
    print          text   not null,
    content        text   not null,
    note           text   not null, -- of whoever handed it on last, and the day by which an answer is wanted
    answer_by      text   not null,
    since          bigint not null, -- it waits for waits
    told           boolean not null, -- waits has been told by mail, and is reminded at remind_at (0: never)
    remind_at      bigint not null,
    due_at         bigint not null,
    read_at        bigint not null,
    created        bigint not null,
    unique (company, invoice_id),
    check ((state = 'open') = (waits <> '')),
    check (state <> 'approved' or required = 0)
) without rowid;
create index round_waiting on purchase_round (waits, due_date, id) where state = 'open';
create index round_list on purchase_round (company, state, due_date, id);
create index round_due on purchase_round (company, due_at) where due_at > 0;
create index round_untold on purchase_round (waits) where state = 'open' and not told;
create index round_remind on purchase_round (remind_at) where state = 'open' and remind_at > 0;

-- The image of an invoice on its round, page by page: wanted (read out of Procountor at due_at, which is put off before it is
-- asked for), kept (its body is blob), none there, or bad: no picture, or too large.
create table round_image (
    round   text   not null references purchase_round (id),
    page    bigint not null check (page > 0),
    company text   not null references company (id),
    state   text   not null check (state in ('wanted', 'kept', 'none', 'bad')),
    blob    text   not null,
    mime    text   not null,
    tries   bigint not null,
    due_at  bigint not null,
    primary key (round, page),
    check ((state = 'kept') = (blob <> '')),
    check ((state = 'wanted') = (due_at > 0))
) without rowid;
create index round_image_due on round_image (company, due_at) where due_at > 0;

-- What persons have done with a round, in order; nobody approves one round twice. person is an id, or vienti.
create table round_decision (
    round     text   not null references purchase_round (id),
    version   bigint not null check (version > 0),
    turn      bigint not null,
    person    text   not null,
    instead   text   not null, -- of whom, by a substitute
    act       text   not null check (act in ('pre_approve', 'approve', 'reject', 'hand_on', 'assign', 'split', 'comment', 'reopen', 'noted')),
    to_person text   not null,
    text      text   not null,
    due       text   not null,
    at        bigint not null,
    primary key (round, version),
    check (act <> 'reject' or text <> ''),
    check (act not in ('approve', 'pre_approve', 'reject', 'hand_on', 'assign', 'split', 'comment', 'reopen') or person <> 'vienti')
) without rowid;
create unique index one_approval_of_person on round_decision (round, turn, person) where act = 'approve';

-- Who stands in for whom, from a day to a day.
create table substitute (
    person  text not null primary key references person (id),
    instead text not null references person (id), -- who decides meanwhile
    first   text not null,
    last    text not null,
    check (person <> instead),
    check (first <= last)
) without rowid;
create index substitute_of on substitute (instead);

-- What a part of a document from Procountor has become in the source: at most one record that counts, from the
-- moment of the intent (the third law); and no two parts stand for the same record. version is the fingerprint of what was written.
create table record (
    id         text   not null primary key,
    connection text   not null references connection (id),
    document   text   not null references document (id),
    part       text   not null,
    record_id  text   not null,
    state      text   not null check (state in ('intended', 'living', 'ended')),
    version    text   not null,
    created    bigint not null,
    ended      bigint not null,
    check (state <> 'living' or record_id <> ''),
    check ((state = 'ended') = (ended > 0))
) without rowid;
create unique index one_record_of_part on record (document, part) where state in ('intended', 'living');
create unique index one_part_of_record on record (connection, record_id) where state = 'living';

-- What the source of a document was told of it last, and what it was seen to say then, in its own words (JSON). told_at is 0 when it
-- said so before it was told.
create table report (
    document   text   not null primary key references document (id),
    connection text   not null references connection (id),
    told       text   not null,
    says       text   not null,
    told_at    bigint not null,
    seen_at    bigint not null check (seen_at > 0 and seen_at >= told_at)
) without rowid;

-- What Procountor holds, kept current; asked before every first write.
create table history (
    company         text   not null references company (id),
    invoice_id      bigint not null,
    type            text   not null,
    number          bigint not null,
    original_number text   not null,
    partner_id      bigint not null,
    partner_name    text   not null,
    partner_keys    text   not null,
    gross           text   not null,
    currency        text   not null,
    date            text   not null,
    status          text   not null,
    version         text   not null,
    primary key (company, invoice_id)
) without rowid;
create index history_by_number on history (company, original_number);
create index history_purchases on history (company, date) where type = 'PURCHASE_INVOICE';

-- Our copy of the partner register, and the keys by which partners are looked up.
create table partner (
    company text   not null references company (id),
    id      bigint not null,
    type    text   not null,
    content text   not null,
    version text   not null,
    primary key (company, id)
) without rowid;
create table partner_key (
    company text   not null,
    key     text   not null,
    partner bigint not null,
    primary key (company, key, partner)
) without rowid;
create index partner_key_of on partner_key (company, partner);

-- What became of the things in a company's registers, one row for each reading
-- that found something; version is that of the copy, changes the list of them.
create table register_change (
    id      text   not null primary key,
    company text   not null references company (id),
    version bigint not null,
    at      bigint not null,
    count   bigint not null check (count > 0),
    changes text   not null
) without rowid;
create index register_change_list on register_change (company, id);

-- Which partner a party of a source is, because a person has said so: partner
-- 0 is one to be made. Refused are the partners that the person did not mean. It
-- holds for one connection, or, where that is empty, for all of the company.
create table partner_choice (
    company    text   not null references company (id),
    connection text   not null,
    party      text   not null,
    name       text   not null,
    partner    bigint not null,
    refused    text   not null,
    making     text   not null, -- key of the partner that is made for it
    author     text   not null check (author <> ''),
    at         bigint not null,
    primary key (company, connection, party),
    check (partner > 0 or making <> '')
) without rowid;
create index partner_choice_making on partner_choice (making) where making <> '';

-- What a source says of a partner's card, newest word: whose word, on which day and by which document; what it says;
-- what the two last came to rest with, what a person is asked, and what one wants carried. version is that of
-- the card with which it was compared.
create table card (
    company    text   not null references company (id),
    partner    bigint not null check (partner > 0),
    connection text   not null references connection (id),
    party      text   not null,
    day        text   not null,
    at         bigint not null,
    document   text   not null references document (id),
    said       text   not null,
    settled    text   not null,
    asked      text   not null,
    wanted     text   not null,
    version    text   not null,
    primary key (company, partner, connection, party)
) without rowid;
create index card_of_party on card (company, party);

-- What a source lists on an axis, or a row names there, newest word: the source's own id, code and name, closed or not; the
-- dimension that it belongs to, the transfer that keeps it, and which item or product of Procountor it is (0 for none yet);
-- what the two last came to rest with, what was seen there last, what a person wants carried and is asked; whether the register copy knows of it.
create table item (
    connection    text    not null references connection (id),
    axis          text    not null,
    source_id     text    not null,
    company       text    not null references company (id),
    code          text    not null,
    code_key      text    not null,
    name          text    not null,
    closed        boolean not null,
    more          text    not null,
    at            bigint  not null,
    dimension     bigint  not null,
    subject       text    not null,
    needed        boolean not null,
    there         bigint  not null check (there >= 0),
    said          text    not null,
    stands        text    not null,
    seen          text    not null,
    wanted        text    not null,
    asked         text    not null,
    copied        boolean not null,
    primary key (connection, axis, source_id)
) without rowid;
create index item_by_code on item (connection, axis, code_key);
create index item_by_subject on item (company, subject) where subject <> '';
create index item_there on item (company, there) where there > 0;
create index item_fresh on item (company) where not copied;

-- A step goes only the ways that it may go: no attempt begins while the one
-- before it has no outcome, and what is proved stays so (the second law).
-- +goose StatementBegin
create trigger step_moves before update on step
when not (old.state = new.state and (new.state <> 'intended' or old.key = new.key)
       or old.state = 'planned' and new.state in ('intended', 'proved')
       or old.state = 'intended' and new.state in ('proved', 'refused', 'unclear', 'planned')
       or old.state = 'unclear' and new.state in ('proved', 'refused', 'planned')
       or old.state = 'refused' and new.state = 'planned') begin
    select raise(abort, 'a step may not go this way');
end;
-- +goose StatementEnd

-- A step begins only when all before it are proved: what fails half-way is
-- never approved or sent.
-- +goose StatementBegin
create trigger step_in_order before update of state on step
when new.state = 'intended' and exists (
    select 1 from step s where s.transfer = new.transfer and s.plan = new.plan and s.seq < new.seq and s.state <> 'proved') begin
    select raise(abort, 'a step begins only when all before it are proved');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger step_in_order_new before insert on step
when new.state = 'intended' and exists (
    select 1 from step s where s.transfer = new.transfer and s.plan = new.plan and s.seq < new.seq and s.state <> 'proved') begin
    select raise(abort, 'a step begins only when all before it are proved');
end;
-- +goose StatementEnd

-- Unclear is left only by looking; what makes something new needs two looks
-- before it is made again (the second law).
-- +goose StatementBegin
create trigger step_looked before update of state on step
when old.state = 'unclear' and new.state = 'planned'
     and new.looks < case when new.kind in ('make_partner', 'make_item', 'make_product', 'post_invoice', 'credit_invoice', 'attach', 'mark_paid', 'post_journal', 'write_record') then 2 else 1 end begin
    select raise(abort, 'an unclear write is left only by looking');
end;
-- +goose StatementEnd

-- An invoice is posted only as the one voucher of its document that was begun
-- with the intent (the third law).
-- +goose StatementBegin
create trigger post_has_voucher before update of state on step
when new.kind in ('post_invoice', 'post_journal') and new.state = 'intended' and not exists (
    select 1 from voucher v join transfer t on t.subject = v.subject where t.id = new.transfer and v.state in ('intended', 'living') and v.state = 'intended') begin
    select raise(abort, 'a post begins a voucher');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger post_has_voucher_new before insert on step
when new.kind in ('post_invoice', 'post_journal') and new.state = 'intended' and not exists (
    select 1 from voucher v join transfer t on t.subject = v.subject where t.id = new.transfer and v.state in ('intended', 'living') and v.state = 'intended') begin
    select raise(abort, 'a post begins a voucher');
end;
-- +goose StatementEnd

-- What stands in a journal is never posted as an invoice, and what is posted, or
-- about to be, never comes into a journal (the third law).
-- +goose StatementBegin
create trigger voucher_or_journal before insert on voucher
when new.state in ('intended', 'living') and exists (select 1 from journal_document where document = new.subject and state = 'in') begin
    select raise(abort, 'a document in a journal has no voucher');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger voucher_or_journal_again before update of state, subject on voucher
when new.state in ('intended', 'living') and exists (select 1 from journal_document where document = new.subject and state = 'in') begin
    select raise(abort, 'a document in a journal has no voucher');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger journal_or_voucher before insert on journal_document
when new.state = 'in' and exists (select 1 from voucher where subject = new.document and state in ('intended', 'living')) begin
    select raise(abort, 'a document with a voucher comes into no journal');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger journal_or_voucher_again before update of state, document on journal_document
when new.state = 'in' and exists (select 1 from voucher where subject = new.document and state in ('intended', 'living')) begin
    select raise(abort, 'a document with a voucher comes into no journal');
end;
-- +goose StatementEnd

-- Only a person has a journal set right, from what is in the books of the document
-- (the third law); it is booked anew only after a reversal.
-- +goose StatementBegin
create trigger correction_begins before insert on correction begin
    select case
    when not exists (
        select 1 from act a join transfer t on t.id = a.subject where a.seq = new.act and t.subject = new.document and a.actor <> 'vienti'
        and a.kind = case new.how when 'difference' then 'transfer.difference_journal' else 'transfer.reverse_anew' end)
        then raise(abort, 'only a person has a journal set right')
    when not exists (select 1 from journal_document where journal = new.base and document = new.document and state = 'in' and content <> '' and version = new.before)
        then raise(abort, 'a correction begins with what is booked')
    when new.how = 'anew' and not exists (
        select 1 from correction c where c.base = new.base and c.document = new.document and c.seq = new.seq - 1 and c.how = 'reversal' and c.state = 'living')
        then raise(abort, 'a document is booked anew only after a reversal')
    end;
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger correction_ends before update of state on correction
when old.state = 'ended' and new.state <> 'ended' or old.state = 'living' and new.state = 'begun' begin
    select raise(abort, 'a correction does not come back');
end;
-- +goose StatementEnd
-- What a correction builds on stays: the journal, and the corrections before it.
-- +goose StatementBegin
create trigger correction_builds before update of state on journal_document
when new.state = 'out' and exists (select 1 from correction c where c.base = new.journal and c.document = new.document and c.state <> 'ended') begin
    select raise(abort, 'a correction builds on the journal');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger correction_step before update of state on step
when new.state = 'intended' and (
    new.kind = 'invalidate' and exists (
        select 1 from transfer t join correction c on c.base = t.subject where t.id = new.transfer and c.state <> 'ended')
    or new.kind = 'invalidate' and exists (
        select 1 from transfer t join correction o on o.journal = t.subject join correction c on c.base = o.base and c.document = o.document
        where t.id = new.transfer and c.seq > o.seq and c.state <> 'ended')
    or new.kind = 'post_journal' and exists (
        select 1 from transfer t join correction o on o.journal = t.subject where t.id = new.transfer and o.state = 'ended')) begin
    select raise(abort, 'a correction builds on the journal, or has ended');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger correction_step_new before insert on step
when new.state = 'intended' and (
    new.kind = 'invalidate' and exists (
        select 1 from transfer t join correction c on c.base = t.subject where t.id = new.transfer and c.state <> 'ended')
    or new.kind = 'invalidate' and exists (
        select 1 from transfer t join correction o on o.journal = t.subject join correction c on c.base = o.base and c.document = o.document
        where t.id = new.transfer and c.seq > o.seq and c.state <> 'ended')
    or new.kind = 'post_journal' and exists (
        select 1 from transfer t join correction o on o.journal = t.subject where t.id = new.transfer and o.state = 'ended')) begin
    select raise(abort, 'a correction builds on the journal, or has ended');
end;
-- +goose StatementEnd

-- Nobody but a person chooses other dates than the source's, and never while a
-- write is in the air: what is written with them could be anything else.
-- +goose StatementBegin
create trigger dates_by_person before update of state on step
when new.state = 'intended' and new.kind in ('post_invoice', 'replace_invoice') and exists (
    select 1 from document d join transfer t on t.subject = d.id where t.id = new.transfer and t.kind = 'document' and d.dates <> ''
    and not exists (select 1 from act a where a.subject = t.id and a.kind = 'transfer.dates' and a.actor <> 'vienti')) begin
    select raise(abort, 'only a person chooses dates');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger dates_by_person_new before insert on step
when new.state = 'intended' and new.kind in ('post_invoice', 'replace_invoice') and exists (
    select 1 from document d join transfer t on t.subject = d.id where t.id = new.transfer and t.kind = 'document' and d.dates <> ''
    and not exists (select 1 from act a where a.subject = t.id and a.kind = 'transfer.dates' and a.actor <> 'vienti')) begin
    select raise(abort, 'only a person chooses dates');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger dates_at_rest before update of dates on document
when new.dates <> old.dates and exists (
    select 1 from step s join transfer t on t.id = s.transfer where t.subject = new.id and t.kind = 'document' and s.state in ('intended', 'unclear')) begin
    select raise(abort, 'no dates are chosen while a write is in the air');
end;
-- +goose StatementEnd

-- A partner's card is written over by the one transfer of that card, one write at a time; what a person is asked,
-- only because a person wants it.
-- +goose StatementBegin
create trigger card_alone before update of state on step
when new.kind = 'update_partner' and new.state = 'intended' begin
    select case
    when not exists (select 1 from transfer t where t.id = new.transfer and t.kind = 'card')
        then raise(abort, 'a card is written by its own transfer')
    when new.detail like '%"why":%' and not exists (
        select 1 from act a where a.subject = new.transfer and a.kind = 'card.carried' and a.actor <> 'vienti')
        then raise(abort, 'what is asked about a card is carried by a person')
    end;
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger card_alone_new before insert on step
when new.kind = 'update_partner' and new.state = 'intended' begin
    select case
    when not exists (select 1 from transfer t where t.id = new.transfer and t.kind = 'card')
        then raise(abort, 'a card is written by its own transfer')
    when new.detail like '%"why":%' and not exists (
        select 1 from act a where a.subject = new.transfer and a.kind = 'card.carried' and a.actor <> 'vienti')
        then raise(abort, 'what is asked about a card is carried by a person')
    end;
end;
-- +goose StatementEnd

-- An item of a dimension is made once and written over by its one transfer; what a person is asked, only because a
-- person wants it. So is a product.
-- +goose StatementBegin
create trigger item_alone before update of state on step
when new.kind in ('make_item', 'update_item', 'make_product') and new.state = 'intended' begin
    select case
    when not exists (select 1 from transfer t where t.id = new.transfer and t.kind = case new.kind when 'make_product' then 'product' else 'dimension_item' end)
        then raise(abort, 'an item is written by its own transfer')
    when new.kind <> 'update_item' and exists (
        select 1 from transfer t join item i on i.company = t.company and i.subject = t.subject where t.id = new.transfer and i.there > 0
        and new.detail not like '%"why":"gone"%')
        then raise(abort, 'an item is made once')
    when new.detail like '%"why":%' and not exists (
        select 1 from act a where a.subject = new.transfer and a.kind = 'item.carried' and a.actor <> 'vienti')
        then raise(abort, 'what is asked about an item is carried by a person')
    end;
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger item_alone_new before insert on step
when new.kind in ('make_item', 'update_item', 'make_product') and new.state = 'intended' begin
    select case
    when not exists (select 1 from transfer t where t.id = new.transfer and t.kind = case new.kind when 'make_product' then 'product' else 'dimension_item' end)
        then raise(abort, 'an item is written by its own transfer')
    when new.kind <> 'update_item' and exists (
        select 1 from transfer t join item i on i.company = t.company and i.subject = t.subject where t.id = new.transfer and i.there > 0
        and new.detail not like '%"why":"gone"%')
        then raise(abort, 'an item is made once')
    when new.detail like '%"why":%' and not exists (
        select 1 from act a where a.subject = new.transfer and a.kind = 'item.carried' and a.actor <> 'vienti')
        then raise(abort, 'what is asked about an item is carried by a person')
    end;
end;
-- +goose StatementEnd

-- A credit note is begun with its intent, like a voucher.
-- +goose StatementBegin
create trigger credit_is_begun before update of state on step
when new.kind = 'credit_invoice' and new.state = 'intended' and not exists (
    select 1 from credit c join transfer t on t.subject = c.subject where t.id = new.transfer and c.state = 'intended') begin
    select raise(abort, 'a credit note is begun with its intent');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger credit_is_begun_new before insert on step
when new.kind = 'credit_invoice' and new.state = 'intended' and not exists (
    select 1 from credit c join transfer t on t.subject = c.subject where t.id = new.transfer and c.state = 'intended') begin
    select raise(abort, 'a credit note is begun with its intent');
end;
-- +goose StatementEnd

-- Only a person lets a voucher go, or credits it (the third law).
-- +goose StatementBegin
create trigger released_by_person before update of state on voucher
when new.state = 'released' and not exists (
    select 1 from act a join transfer t on t.id = a.subject where a.seq = new.act and t.subject = new.subject and a.actor <> 'vienti'
    and a.kind in ('transfer.send_beside', 'transfer.credit_anew')) begin
    select raise(abort, 'only a person lets a voucher go');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger credited_by_person before insert on credit
when not exists (
    select 1 from act a join transfer t on t.id = a.subject where a.seq = new.act and t.subject = new.subject and a.actor <> 'vienti'
    and a.kind = 'transfer.credit_anew') begin
    select raise(abort, 'only a person credits a voucher');
end;
-- +goose StatementEnd

-- An invoice is marked paid only with the one mark that was begun with the intent.
-- +goose StatementBegin
create trigger paid_has_mark before update of state on step
when new.kind = 'mark_paid' and new.state = 'intended' and not exists (
    select 1 from payment_mark m join transfer t on t.subject = m.payment where t.id = new.transfer and m.state = 'intended') begin
    select raise(abort, 'marking paid begins a mark');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger paid_has_mark_new before insert on step
when new.kind = 'mark_paid' and new.state = 'intended' and not exists (
    select 1 from payment_mark m join transfer t on t.subject = m.payment where t.id = new.transfer and m.state = 'intended') begin
    select raise(abort, 'marking paid begins a mark');
end;
-- +goose StatementEnd

-- An invoice that came from a source, or that we have made or are about to make, never comes back as a document.
-- +goose StatementBegin
create trigger back_is_foreign before insert on back
when new.document <> '' and (
    exists (select 1 from voucher v where v.company = new.company and v.invoice_id = new.invoice_id)
    or exists (select 1 from voucher v where v.company = new.company and v.number = new.number and v.state in ('intended', 'living') and v.state = 'intended')
    or exists (select 1 from credit c where c.company = new.company and c.invoice_id = new.invoice_id)
    or exists (select 1 from transfer t where t.company = new.company and t.invoice_id = new.invoice_id and t.invoice_id > 0)) begin
    select raise(abort, 'an invoice of ours never comes back');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger back_stays_ours before update of document on back when new.document <> old.document begin
    select raise(abort, 'an invoice of ours never comes back');
end;
-- +goose StatementEnd

-- A round is of an invoice that is none of ours; its decisions stay; it is approved only by persons, and only then is it approved in Procountor.
-- +goose StatementBegin
create trigger round_is_foreign before insert on purchase_round
when exists (select 1 from voucher v where v.company = new.company and v.invoice_id = new.invoice_id)
    or exists (select 1 from voucher v where v.company = new.company and v.state = 'intended' and v.number = new.number)
    or exists (select 1 from credit c where c.company = new.company and c.invoice_id = new.invoice_id)
    or exists (select 1 from transfer t where t.company = new.company and t.invoice_id = new.invoice_id and t.invoice_id > 0) begin
    select raise(abort, 'an invoice of ours never comes back');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger round_stays before delete on purchase_round begin
    select raise(abort, 'a purchase_round is never removed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger decision_stays before delete on round_decision begin
    select raise(abort, 'a round_decision is never removed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger decision_holds before update on round_decision begin
    select raise(abort, 'a decision is never changed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger round_by_persons before update of state on purchase_round
when new.state = 'approved' and old.state <> 'approved' and not exists (
    select 1 from round_decision d where d.round = new.id and d.turn = new.turn and d.act = 'approve' and d.person <> 'vienti' and d.version = new.version) begin
    select raise(abort, 'a round is approved by persons');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger approval_after_round before update of state on step
when new.state = 'intended' and new.kind in ('approve', 'annotate', 'put_receipt')
    and exists (select 1 from transfer t where t.id = new.transfer and t.kind = 'approval')
    and not exists (select 1 from purchase_round r join transfer t on t.subject = r.id where t.id = new.transfer and r.state = 'approved') begin
    select raise(abort, 'an invoice is approved after its round');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger approval_after_round_new before insert on step
when new.state = 'intended' and new.kind in ('approve', 'annotate', 'put_receipt')
    and exists (select 1 from transfer t where t.id = new.transfer and t.kind = 'approval')
    and not exists (select 1 from purchase_round r join transfer t on t.subject = r.id where t.id = new.transfer and r.state = 'approved') begin
    select raise(abort, 'an invoice is approved after its round');
end;
-- +goose StatementEnd

-- A record is written only as the one of its part that was begun with the intent, and only of a document from Procountor.
-- +goose StatementBegin
create trigger record_is_begun before update of state on step
when new.kind = 'write_record' and new.state = 'intended' and not exists (
    select 1 from record r join transfer t on t.subject = r.document where t.id = new.transfer and t.direction = 'out' and r.state = 'intended') begin
    select raise(abort, 'a record is begun with its intent');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger record_is_begun_new before insert on step
when new.kind = 'write_record' and new.state = 'intended' and not exists (
    select 1 from record r join transfer t on t.subject = r.document where t.id = new.transfer and t.direction = 'out' and r.state = 'intended') begin
    select raise(abort, 'a record is begun with its intent');
end;
-- +goose StatementEnd

-- Only a record of ours that counts is changed or removed, by the transfer of its document.
-- +goose StatementBegin
create trigger record_is_ours before update of state on step
when new.kind in ('change_record', 'remove_record') and new.state = 'intended' and not exists (
    select 1 from record r join transfer t on t.subject = r.document where t.id = new.transfer and t.kind = 'document' and t.direction = 'out'
        and r.state = 'living' and new.detail like '%"record":"' || r.record_id || '"%') begin
    select raise(abort, 'only a record of ours is changed or removed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger record_is_ours_new before insert on step
when new.kind in ('change_record', 'remove_record') and new.state = 'intended' and not exists (
    select 1 from record r join transfer t on t.subject = r.document where t.id = new.transfer and t.kind = 'document' and t.direction = 'out'
        and r.state = 'living' and new.detail like '%"record":"' || r.record_id || '"%') begin
    select raise(abort, 'only a record of ours is changed or removed');
end;
-- +goose StatementEnd

-- A source is told only what has arrived, by the one transfer of that.
-- +goose StatementBegin
create trigger told_of_arrived before update of state on step
when new.kind = 'tell_source' and new.state = 'intended' and not exists (
    select 1 from transfer t join transfer d on d.company = t.company and d.kind = 'document' and d.direction = 'in' and d.subject = t.subject
        where t.id = new.transfer and t.kind = 'report' and (d.invoice_id > 0 or d.state in ('done', 'done_with_warning', 'linked'))) begin
    select raise(abort, 'a source is told of what has arrived');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger told_of_arrived_new before insert on step
when new.kind = 'tell_source' and new.state = 'intended' and not exists (
    select 1 from transfer t join transfer d on d.company = t.company and d.kind = 'document' and d.direction = 'in' and d.subject = t.subject
        where t.id = new.transfer and t.kind = 'report' and (d.invoice_id > 0 or d.state in ('done', 'done_with_warning', 'linked'))) begin
    select raise(abort, 'a source is told of what has arrived');
end;
-- +goose StatementEnd

-- Nothing is written to a company that is detached.
-- +goose StatementBegin
create trigger step_of_detached before update of state on step
when new.state = 'intended' and exists (
    select 1 from transfer t join company c on c.id = t.company where t.id = new.transfer and c.detached > 0) begin
    select raise(abort, 'the company is detached');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger step_of_detached_new before insert on step
when new.state = 'intended' and exists (
    select 1 from transfer t join company c on c.id = t.company where t.id = new.transfer and c.detached > 0) begin
    select raise(abort, 'the company is detached');
end;
-- +goose StatementEnd

-- A mark is that of a payment, or one side of an offset.
-- +goose StatementBegin
create trigger mark_of_something before insert on payment_mark
when not exists (select 1 from payment p where new.side = '' and p.id = new.payment)
     and not exists (select 1 from offset_pair o where new.side <> '' and o.id = new.payment and new.invoice_id = case new.side when 'note' then o.note_id else o.invoice_id end) begin
    select raise(abort, 'a mark is of a payment or of an offset');
end;
-- +goose StatementEnd
-- The credit note is marked only for what the invoice is marked with, on the same day.
-- +goose StatementBegin
create trigger offset_is_even before insert on payment_mark
when new.side = 'note' and not exists (
    select 1 from payment_mark m where m.payment = new.payment and m.side = 'invoice' and m.state = 'living' and m.date = new.date
    and (m.amount = '-' || new.amount or new.amount = '-' || m.amount)) begin
    select raise(abort, 'both sides of an offset are marked alike');
end;
-- +goose StatementEnd

-- What the source approves is approved in Procountor only when its round is complete.
-- +goose StatementBegin
create trigger approved_last_new before insert on step
when new.kind = 'approve' and new.state = 'intended' and new.detail not like '%"credits":%' and exists (
    select 1 from document d join transfer t on t.subject = d.id where t.id = new.transfer and d.round in ('open', 'rejected')) begin
    select raise(abort, 'nothing is approved before the last approval of the source');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger approved_last before update of state on step
when new.kind = 'approve' and new.state = 'intended' and new.detail not like '%"credits":%' and exists (
    select 1 from document d join transfer t on t.subject = d.id where t.id = new.transfer and d.round in ('open', 'rejected')) begin
    select raise(abort, 'nothing is approved before the last approval of the source');
end;
-- +goose StatementEnd

-- Nothing vanishes (the fifth law).
-- +goose StatementBegin
create trigger transfer_stays before delete on transfer begin
    select raise(abort, 'a transfer is never removed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger payment_stays before delete on payment begin
    select raise(abort, 'a payment is never removed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger document_stays before delete on document begin
    select raise(abort, 'a document is never removed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger period_stays before delete on period begin
    select raise(abort, 'a period is never removed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger record_stays before delete on record begin
    select raise(abort, 'a record is never removed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger back_stays before delete on back begin
    select raise(abort, 'a back is never removed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger journal_document_stays before delete on journal_document begin
    select raise(abort, 'a document in a journal is never removed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger correction_stays before delete on correction begin
    select raise(abort, 'a correction is never removed');
end;
-- +goose StatementEnd
