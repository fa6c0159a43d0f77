CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.audit (
    id text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    owner text NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail text
);
CREATE TABLE public.bindings (
    flow text NOT NULL,
    trigger text NOT NULL,
    subscription_id text NOT NULL,
    purpose text DEFAULT 'start'::text NOT NULL
);
CREATE TABLE public.connections (
    id text NOT NULL,
    owner text NOT NULL,
    name text NOT NULL,
    connector text NOT NULL,
    settings text NOT NULL,
    secrets text NOT NULL,
    facts text NOT NULL,
    health text NOT NULL,
    health_message text,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    called_at bigint,
    CONSTRAINT ck_connections_health CHECK ((health = ANY (ARRAY['unknown'::text, 'ok'::text, 'failed'::text])))
);
CREATE TABLE public.events (
    id text NOT NULL COLLATE pg_catalog."C",
    subscription_id text,
    source text NOT NULL,
    dedupe_key text NOT NULL,
    received_at bigint NOT NULL,
    body bytea NOT NULL,
    event text,
    outcomes text NOT NULL,
    stale boolean NOT NULL,
    error text,
    repeats integer NOT NULL,
    CONSTRAINT ck_events_source CHECK ((source = ANY (ARRAY['webhook'::text, 'manual'::text, 'schedule'::text, 'flow'::text])))
);
CREATE TABLE public.flow_versions (
    flow text NOT NULL,
    digest text NOT NULL,
    source text NOT NULL,
    file text NOT NULL,
    deployed_at bigint NOT NULL
);
CREATE TABLE public.flows (
    id text NOT NULL,
    name text NOT NULL,
    owner text NOT NULL,
    enabled boolean NOT NULL,
    digest text NOT NULL,
    deployed_at bigint NOT NULL
);
CREATE TABLE public.heard (
    run_id text NOT NULL COLLATE pg_catalog."C",
    path text NOT NULL COLLATE pg_catalog."C",
    event_id text NOT NULL COLLATE pg_catalog."C",
    taken boolean NOT NULL
);
CREATE TABLE public.owners (
    id text NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE public.runs (
    id text NOT NULL COLLATE pg_catalog."C",
    flow text NOT NULL,
    digest text NOT NULL,
    owner text NOT NULL,
    status text NOT NULL,
    event_id text NOT NULL COLLATE pg_catalog."C",
    inputs text NOT NULL,
    created_at bigint NOT NULL,
    due_at bigint,
    started_at bigint,
    ended_at bigint,
    outputs text,
    error text,
    message text,
    waiting_for text,
    claim_no integer NOT NULL,
    cancel_requested boolean NOT NULL,
    changes integer NOT NULL,
    parent_run text COLLATE pg_catalog."C",
    parent_path text,
    parent_waits boolean DEFAULT false NOT NULL,
    depth integer DEFAULT 0 NOT NULL,
    lane text,
    lane_limit integer,
    held boolean DEFAULT false NOT NULL,
    woken boolean DEFAULT false NOT NULL,
    has_waits boolean DEFAULT false NOT NULL,
    trigger_item text,
    trigger_index integer,
    CONSTRAINT ck_runs_due_while_active CHECK (((due_at IS NULL) = (status = ANY (ARRAY['cancelled'::text, 'failed'::text, 'succeeded'::text, 'uncertain'::text])))),
    CONSTRAINT ck_runs_status CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'parked'::text, 'succeeded'::text, 'failed'::text, 'uncertain'::text, 'cancelled'::text])))
);
CREATE TABLE public.schedules (
    flow text NOT NULL,
    trigger text NOT NULL,
    uses text NOT NULL,
    given text NOT NULL,
    owner text NOT NULL,
    next_at bigint,
    last_slot bigint
);
CREATE TABLE public.steps (
    run_id text NOT NULL COLLATE pg_catalog."C",
    path text NOT NULL COLLATE pg_catalog."C",
    attempt integer NOT NULL,
    uses text NOT NULL,
    status text NOT NULL,
    connection text,
    given text,
    output text,
    error text,
    started_at bigint,
    ended_at bigint,
    waiting_for text,
    "position" integer NOT NULL,
    called_at bigint,
    begun_at bigint,
    cut text,
    secure text,
    folded boolean DEFAULT false NOT NULL,
    CONSTRAINT ck_steps_open_until_ended CHECK (((ended_at IS NULL) = (status = ANY (ARRAY['running'::text, 'waiting'::text])))),
    CONSTRAINT ck_steps_status CHECK ((status = ANY (ARRAY['running'::text, 'waiting'::text, 'succeeded'::text, 'failed'::text, 'skipped'::text, 'uncertain'::text, 'cancelled'::text])))
);
CREATE TABLE public.subscriptions (
    id text NOT NULL,
    identity text NOT NULL,
    owner text NOT NULL,
    connection text NOT NULL,
    uses text NOT NULL,
    given text NOT NULL,
    callback_url text NOT NULL,
    signing_key text,
    state text NOT NULL,
    remote_uri text,
    detail text,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    checked_at bigint,
    locked_until bigint,
    CONSTRAINT ck_subscriptions_state CHECK ((state = ANY (ARRAY['pending'::text, 'active'::text, 'failed'::text, 'removing'::text])))
);
CREATE TABLE public.tokens (
    id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL,
    name text NOT NULL,
    digest text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    used_at bigint
);
CREATE TABLE public.waits (
    run_id text NOT NULL COLLATE pg_catalog."C",
    path text NOT NULL COLLATE pg_catalog."C",
    subscription_id text NOT NULL
);
INSERT INTO public.alembic_version VALUES ('0002');
INSERT INTO public.bindings VALUES ('ordered', 'ordered', '14b0f749c738516281cfc03b05b917cc', 'start');
INSERT INTO public.bindings VALUES ('listens', 'wait:w', 'f96f0022906fd19b9eba1363460b29b7', 'wait');
INSERT INTO public.connections VALUES ('06734fa3fba7db580c7a3537', 'local', 'probe', 'probe', '{"base_url":"https://probe.example"}', '{"token":"v1.0f521c89.nbGqdiLCajKOR87C5D9wQkYK2OLKvSI6_h_EKCy3C6FVoqiU4IJ4UFBtD93_SIM="}', '{}', 'unknown', NULL, 1577836799621, 1577836799621, NULL);
INSERT INTO public.connections VALUES ('6a76f5e787a83cc32f8aa75e', 'local', 'shop', 'shop', '{"base_url":"https://shop.example"}', '{"token":"v1.0f521c89.dv08zfRmlc9K29qS7jE7EKXoqatDdxcynJ17GGaXgigus5XadxGeJkFb9aoCfvOGxpcfePmudOpC"}', '{}', 'ok', NULL, 1577836799624, 1577836799663, NULL);
INSERT INTO public.connections VALUES ('86f30fd65872ed82f430fce5', 'local', 'till', 'till', '{"base_url":"https://shop.example"}', '{"token":"v1.0f521c89.tP9LYAUe88TN17iQ225m_-nZmm41W2U0C6Q64DGadjVhK4jpM1Zq5KH3Y680QUm6PJB_Edf7xrVI"}', '{}', 'ok', NULL, 1577836799625, 1577836799726, NULL);
INSERT INTO public.events VALUES ('01m82gx17s3hmjn2tdsks7skad', '14b0f749c738516281cfc03b05b917cc', 'webhook', 'order 1', 1577836799637, '\x7b7d', '{"name":"order"}', '[{"flow":"ordered","digest":"790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247","trigger":"ordered","run_id":"01m82gx17s3jdnnzwkw9tpjzj1","reason":null}]', false, NULL, 1);
INSERT INTO public.events VALUES ('01m82gx1824352rw843hwyr3wt', NULL, 'manual', 'done', 1577836799645, '\x7b226f72646572223a22646f6e65227d', '{"order":"done"}', '[{"flow":"done","digest":"7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23","trigger":"manual","run_id":"01m82gx18243rd23hkvgjjanah","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx18t51cet2w6b4gp9r5t', NULL, 'manual', 'refused', 1577836799670, '\x7b226f72646572223a2272656675736564227d', '{"order":"refused"}', '[{"flow":"refused","digest":"7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36","trigger":"manual","run_id":"01m82gx18t51gzjzwva38w8tz2","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1966n3mqpp71ge6m6fx', NULL, 'manual', 'lost', 1577836799681, '\x7b226f72646572223a226c6f7374227d', '{"order":"lost"}', '[{"flow":"lost","digest":"ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb","trigger":"manual","run_id":"01m82gx1966n7we0j3gwrj7fc6","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx19j6j74c67mehjhjhdb', NULL, 'manual', 'stopped', 1577836799693, '\x7b226f72646572223a2273746f70706564227d', '{"order":"stopped"}', '[{"flow":"stopped","digest":"df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5","trigger":"manual","run_id":"01m82gx19j6k1tkeqzgj36yh2z","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx19w42jqz0v4dydhf2sp', NULL, 'manual', 'queued', 1577836799704, '\x7b226f72646572223a22717565756564227d', '{"order":"queued"}', '[{"flow":"queued","digest":"a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b","trigger":"manual","run_id":"01m82gx19xd06f6nevhn52j0dn","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1a08mp0hvx1y945p0e1', NULL, 'manual', 'retry', 1577836799707, '\x7b226f72646572223a227265747279227d', '{"order":"retry"}', '[{"flow":"retry","digest":"c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9","trigger":"manual","run_id":"01m82gx1a08mrv46t9tynp0zx0","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1ad0dp312w89xdvv9pa', NULL, 'manual', 'permit', 1577836799720, '\x7b226f72646572223a227065726d6974227d', '{"order":"permit"}', '[{"flow":"permit","digest":"1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d","trigger":"manual","run_id":"01m82gx1ad0dt0dnvj6gy6fb4a","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1arf5byqqqmjhpgnpvp', NULL, 'manual', 'cut_keyed', 1577836799731, '\x7b226f72646572223a226375745f6b65796564227d', '{"order":"cut_keyed"}', '[{"flow":"cut_keyed","digest":"787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7","trigger":"manual","run_id":"01m82gx1arf5er9wesaek6eafx","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1b1591etg2vkygfwv54', NULL, 'manual', 'cut_asked', 1577836799741, '\x7b226f72646572223a226375745f61736b6564227d', '{"order":"cut_asked"}', '[{"flow":"cut_asked","digest":"9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720","trigger":"manual","run_id":"01m82gx1b159rpqc4v78gytagd","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1ba9a0mc4ykde0se4gw', NULL, 'manual', 'cut_plain', 1577836799750, '\x7b226f72646572223a226375745f706c61696e227d', '{"order":"cut_plain"}', '[{"flow":"cut_plain","digest":"3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd","trigger":"manual","run_id":"01m82gx1bb4ya9fqht9sgcvcay","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1bn4k7eq0rjmrms1g76', NULL, 'manual', 'loop', 1577836799760, '\x7b226f72646572223a226c6f6f70227d', '{"order":"loop"}', '[{"flow":"loop","digest":"35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb","trigger":"manual","run_id":"01m82gx1bn4m0bx65664w5h34n","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1c50nqx7bvpndacwe99', NULL, 'manual', 'waits', 1577836799776, '\x7b226f72646572223a227761697473227d', '{"order":"waits"}', '[{"flow":"waits","digest":"800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04","trigger":"manual","run_id":"01m82gx1c50nv4kbcgr579vyqm","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1cmd19brztbj1xr1wdb', NULL, 'manual', 'listens', 1577836799792, '\x7b226f72646572223a226c697374656e73227d', '{"order":"listens"}', '[{"flow":"listens","digest":"1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1","trigger":"manual","run_id":"01m82gx1cmd1xs2sj7kf0bv5y4","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1d95kztxgsr3966qk8g', NULL, 'manual', 'calls', 1577836799812, '\x7b226f72646572223a2263616c6c73227d', '{"order":"calls"}', '[{"flow":"calls","digest":"1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900","trigger":"manual","run_id":"01m82gx1d95mskn6tynkzs7wwh","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('0pazvame4raj3t5qxwctsh3680', NULL, 'flow', '01m82gx1d95mskn6tynkzs7wwh:sub', 1577836799820, '\x7b7d', '{"event":"flow","payload":{},"created_at":"2026-11-22T20:59:27.537000Z","created_by":"calls"}', '[{"flow":"callee","digest":"c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f","trigger":"flow","run_id":"4j4cjs7z5h68974bzeeq5n81vm","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1dv47jr6qkvp5t2q04y', NULL, 'manual', 'turns 1', 1577836799830, '\x7b226f72646572223a227475726e732031227d', '{"order":"turns 1"}', '[{"flow":"turns","digest":"d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec","trigger":"manual","run_id":"01m82gx1dv47ynnvqk2px7ere7","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1dyaxh5f1zy3zr4wdvz', NULL, 'manual', 'turns 2', 1577836799833, '\x7b226f72646572223a227475726e732032227d', '{"order":"turns 2"}', '[{"flow":"turns","digest":"d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec","trigger":"manual","run_id":"01m82gx1dyaxm8tqy2ket8g14v","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1ee3g1fqztaedjd5k7r', NULL, 'manual', 'branches', 1577836799849, '\x7b226f72646572223a226272616e63686573227d', '{"order":"branches"}', '[{"flow":"branches","digest":"b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c","trigger":"manual","run_id":"01m82gx1ee3g5axj01xcxk5v8k","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1ew87eymbng0xn0wdpn', NULL, 'manual', 'secret', 1577836799863, '\x7b226f72646572223a22736563726574227d', '{"order":"secret"}', '[{"flow":"secret","digest":"6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09","trigger":"manual","run_id":"01m82gx1ew87zgh1dxm84k191h","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1f8d7qwv5rn5p3qkrw3', NULL, 'manual', 'long', 1577836799875, '\x7b226f72646572223a226c6f6e67227d', '{"order":"long"}', '[{"flow":"long","digest":"7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41","trigger":"manual","run_id":"01m82gx1f8d89mwdx0exzx3b9y","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82gx1k5dh46bcz42fc0h3d8', 'schedule:nightly:night', 'schedule', '1795381167000', 1577836800000, '\x7b7d', '{"slot":1795381167000}', '[{"flow":"nightly","digest":"d036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d","trigger":"night","run_id":"01m82gx1k5dhtc7e80axqtc20z","reason":null}]', false, NULL, 0);
INSERT INTO public.flow_versions VALUES ('ordered', '790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247', 'id: ordered
name: Ordered
connections: {shop: shop}
triggers: [{id: ordered, uses: shop.ordered, connection: shop, with: {name: order}}]
steps:
  - {id: pay, uses: shop.pay, with: {name: ordered.pay}}
', 'ordered.yaml', 1577836799629);
INSERT INTO public.flow_versions VALUES ('done', '7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23', 'id: done
name: Done
connections: {shop: shop}
steps:
  - {id: look, uses: shop.look, with: {name: done.look}}
  - {id: pay, uses: shop.pay, with: {name: done.pay}}
', 'done.yaml', 1577836799644);
INSERT INTO public.flow_versions VALUES ('refused', '7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36', 'id: refused
name: Refused
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: refused.pay}}
  - {id: send, uses: shop.send, with: {name: refused.send}}
', 'refused.yaml', 1577836799669);
INSERT INTO public.flow_versions VALUES ('lost', 'ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb', 'id: lost
name: Lost
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: lost.pay}}
  - {id: send, uses: shop.send, with: {name: lost.send}}
', 'lost.yaml', 1577836799680);
INSERT INTO public.flow_versions VALUES ('stopped', 'df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5', 'id: stopped
name: Stopped
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: stopped.pay}}
  - {id: s, stop: {status: cancelled, message: enough}}
', 'stopped.yaml', 1577836799692);
INSERT INTO public.flow_versions VALUES ('queued', 'a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b', 'id: queued
name: Queued
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: queued.pay}}
', 'queued.yaml', 1577836799703);
INSERT INTO public.flow_versions VALUES ('retry', 'c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9', 'id: retry
name: Retry
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: retry.pay}}
  - {id: again, uses: shop.pay, with: {name: retry.again}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
  - {id: last, uses: shop.pay, with: {name: retry.last}}
', 'retry.yaml', 1577836799707);
INSERT INTO public.flow_versions VALUES ('permit', '1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d', 'id: permit
name: Permit
connections: {till: till}
steps:
  - {id: one, uses: till.pay, with: {name: permit.one}}
  - {id: two, uses: till.pay, with: {name: permit.two}}
', 'permit.yaml', 1577836799719);
INSERT INTO public.flow_versions VALUES ('cut_keyed', '787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7', 'id: cut_keyed
name: Cut_Keyed
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_keyed.pay}}
  - {id: cut, uses: shop.pay, with: {name: cut_keyed.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_keyed.last}}
', 'cut_keyed.yaml', 1577836799730);
INSERT INTO public.flow_versions VALUES ('cut_asked', '9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720', 'id: cut_asked
name: Cut_Asked
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_asked.pay}}
  - {id: cut, uses: shop.book, with: {name: cut_asked.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_asked.last}}
', 'cut_asked.yaml', 1577836799740);
INSERT INTO public.flow_versions VALUES ('cut_plain', '3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd', 'id: cut_plain
name: Cut_Plain
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_plain.pay}}
  - {id: cut, uses: shop.send, with: {name: cut_plain.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_plain.last}}
', 'cut_plain.yaml', 1577836799749);
INSERT INTO public.flow_versions VALUES ('loop', '35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb', 'id: loop
name: Loop
connections: {shop: shop}
steps:
  - id: each
    foreach: "[0, 1, 2, 3]"
    steps:
      - {id: pay, uses: shop.pay, with: {name: "loop.{{ item }}"}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
', 'loop.yaml', 1577836799759);
INSERT INTO public.flow_versions VALUES ('waits', '800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04', 'id: waits
name: Waits
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: waits.pay}}
  - {id: w, wait: {for: 1m}}
  - {id: last, uses: shop.pay, with: {name: waits.last}}
', 'waits.yaml', 1577836799775);
INSERT INTO public.flow_versions VALUES ('listens', '1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1', 'id: listens
name: Listens
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: listens.pay}}
  - {id: w, wait: {event: {uses: shop.ordered, with: {name: x}}}}
  - {id: last, uses: shop.pay, with: {name: ''listens.{{ steps.w.output.name }}''}}
', 'listens.yaml', 1577836799786);
INSERT INTO public.flow_versions VALUES ('callee', 'c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f', 'id: callee
name: Callee
connections: {shop: shop}
steps:
  - {id: w, wait: {for: 1m}}
  - {id: pay, uses: shop.pay, with: {name: callee.pay}}
', 'callee.yaml', 1577836799809);
INSERT INTO public.flow_versions VALUES ('calls', '1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900', 'id: calls
name: Calls
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: calls.pay}}
  - {id: sub, flow: callee}
  - {id: last, uses: shop.pay, with: {name: calls.last}}
', 'calls.yaml', 1577836799811);
INSERT INTO public.flow_versions VALUES ('turns', 'd942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec', 'id: turns
name: Turns
connections: {shop: shop}
concurrency: {limit: 1}
steps:
  - {id: pay, uses: shop.pay, with: {name: turns.pay}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
', 'turns.yaml', 1577836799829);
INSERT INTO public.flow_versions VALUES ('branches', 'b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c', 'id: branches
name: Branches
connections: {shop: shop}
steps:
  - id: both
    parallel:
      left: [{id: l, uses: shop.pay, with: {name: branches.left}}]
      right: [{id: w, wait: {for: 1m}}, {id: r, uses: shop.pay, with: {name: branches.right}}]
', 'branches.yaml', 1577836799848);
INSERT INTO public.flow_versions VALUES ('secret', '6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09', 'id: secret
name: Secret
connections: {shop: shop}
steps:
  - {id: a, uses: shop.pay, with: {name: secret.a}, secure: [inputs, outputs]}
  - {id: w, wait: {for: 1m}}
  - {id: b, uses: shop.pay, with: {name: ''secret.{{ steps.a.output.name }}''}}
', 'secret.yaml', 1577836799862);
INSERT INTO public.flow_versions VALUES ('long', '7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41', 'id: long
name: Long
connections: {shop: shop}
steps:
  - id: each
    foreach: "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59]"
    steps:
      - {id: pay, uses: shop.pay, with: {name: "long.{{ item }}"}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
', 'long.yaml', 1577836799874);
INSERT INTO public.flow_versions VALUES ('nightly', 'd036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d', 'id: nightly
name: Nightly
connections: {shop: shop}
triggers: [{id: night, uses: schedule.cron, with: {cron: ''0 3 * * *''}}]
steps:
  - {id: pay, uses: shop.pay, with: {name: nightly.pay}}
', 'nightly.yaml', 1577836799991);
INSERT INTO public.flows VALUES ('ordered', 'Ordered', 'local', true, '790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247', 1577836799630);
INSERT INTO public.flows VALUES ('done', 'Done', 'local', true, '7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23', 1577836799645);
INSERT INTO public.flows VALUES ('refused', 'Refused', 'local', true, '7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36', 1577836799669);
INSERT INTO public.flows VALUES ('lost', 'Lost', 'local', true, 'ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb', 1577836799680);
INSERT INTO public.flows VALUES ('stopped', 'Stopped', 'local', true, 'df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5', 1577836799693);
INSERT INTO public.flows VALUES ('queued', 'Queued', 'local', true, 'a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b', 1577836799703);
INSERT INTO public.flows VALUES ('retry', 'Retry', 'local', true, 'c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9', 1577836799707);
INSERT INTO public.flows VALUES ('permit', 'Permit', 'local', true, '1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d', 1577836799720);
INSERT INTO public.flows VALUES ('cut_keyed', 'Cut_Keyed', 'local', true, '787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7', 1577836799730);
INSERT INTO public.flows VALUES ('cut_asked', 'Cut_Asked', 'local', true, '9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720', 1577836799740);
INSERT INTO public.flows VALUES ('cut_plain', 'Cut_Plain', 'local', true, '3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd', 1577836799749);
INSERT INTO public.flows VALUES ('loop', 'Loop', 'local', true, '35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb', 1577836799760);
INSERT INTO public.flows VALUES ('waits', 'Waits', 'local', true, '800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04', 1577836799775);
INSERT INTO public.flows VALUES ('listens', 'Listens', 'local', true, '1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1', 1577836799791);
INSERT INTO public.flows VALUES ('callee', 'Callee', 'local', true, 'c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f', 1577836799809);
INSERT INTO public.flows VALUES ('calls', 'Calls', 'local', true, '1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900', 1577836799811);
INSERT INTO public.flows VALUES ('turns', 'Turns', 'local', true, 'd942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec', 1577836799829);
INSERT INTO public.flows VALUES ('branches', 'Branches', 'local', true, 'b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c', 1577836799848);
INSERT INTO public.flows VALUES ('secret', 'Secret', 'local', true, '6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09', 1577836799862);
INSERT INTO public.flows VALUES ('long', 'Long', 'local', true, '7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41', 1577836799874);
INSERT INTO public.flows VALUES ('nightly', 'Nightly', 'local', true, 'd036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d', 1577836799992);
INSERT INTO public.owners VALUES ('local', 'This installation', 1577836799563);
INSERT INTO public.runs VALUES ('01m82gx17s3jdnnzwkw9tpjzj1', 'ordered', '790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247', 'local', 'queued', '01m82gx17s3hmjn2tdsks7skad', '{}', 1577836799637, 1577836799637, NULL, NULL, NULL, NULL, NULL, NULL, 0, false, 0, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1dyaxm8tqy2ket8g14v', 'turns', 'd942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec', 'local', 'queued', '01m82gx1dyaxh5f1zy3zr4wdvz', '{}', 1577836799833, 253402300799000, NULL, NULL, NULL, NULL, NULL, 'its turn: at most 1 run at a time with this concurrency key', 0, false, 0, NULL, NULL, false, 0, 'turns:null', 1, true, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx19xd06f6nevhn52j0dn', 'queued', 'a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b', 'local', 'queued', '01m82gx19w42jqz0v4dydhf2sp', '{}', 1577836799704, 1577836799704, NULL, NULL, NULL, NULL, NULL, NULL, 0, false, 0, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1k5dhtc7e80axqtc20z', 'nightly', 'd036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d', 'local', 'queued', '01m82gx1k5dh46bcz42fc0h3d8', '{}', 1577836800000, 1577836800000, NULL, NULL, NULL, NULL, NULL, NULL, 0, false, 0, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1ew87zgh1dxm84k191h', 'secret', '6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09', 'local', 'parked', '01m82gx1ew87eymbng0xn0wdpn', '{}', 1577836799863, 1577836859870, 1577836799865, NULL, NULL, NULL, NULL, 'its time, at 21:00:27', 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'long', '7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41', 'local', 'parked', '01m82gx1f8d7qwv5rn5p3qkrw3', '{}', 1577836799875, 1577836859988, 1577836799877, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:00:27', 1, false, 169, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1a08mrv46t9tynp0zx0', 'retry', 'c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9', 'local', 'parked', '01m82gx1a08mp0hvx1y945p0e1', '{}', 1577836799707, 1577836859717, 1577836799709, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:00:27', 1, false, 5, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1ad0dt0dnvj6gy6fb4a', 'permit', '1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d', 'local', 'parked', '01m82gx1ad0dp312w89xdvv9pa', '{}', 1577836799720, 1577840398927, 1577836799722, NULL, NULL, NULL, NULL, 'till/till 1/3600s until 01:00:00', 1, false, 3, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1arf5er9wesaek6eafx', 'cut_keyed', '787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7', 'local', 'running', '01m82gx1arf5byqqqmjhpgnpvp', '{}', 1577836799731, 1577836809737, 1577836799732, NULL, NULL, NULL, NULL, NULL, 1, false, 3, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1b159rpqc4v78gytagd', 'cut_asked', '9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720', 'local', 'running', '01m82gx1b1591etg2vkygfwv54', '{}', 1577836799741, 1577836809746, 1577836799742, NULL, NULL, NULL, NULL, NULL, 1, false, 3, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1bb4ya9fqht9sgcvcay', 'cut_plain', '3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd', 'local', 'running', '01m82gx1ba9a0mc4ykde0se4gw', '{}', 1577836799750, 1577836809755, 1577836799751, NULL, NULL, NULL, NULL, NULL, 1, false, 3, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1bn4m0bx65664w5h34n', 'loop', '35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb', 'local', 'parked', '01m82gx1bn4k7eq0rjmrms1g76', '{}', 1577836799760, 1577836859772, 1577836799762, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:00:27', 1, false, 9, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1c50nv4kbcgr579vyqm', 'waits', '800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04', 'local', 'parked', '01m82gx1c50nqx7bvpndacwe99', '{}', 1577836799776, 1577836859782, 1577836799778, NULL, NULL, NULL, NULL, 'its time, at 21:00:27', 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1cmd1xs2sj7kf0bv5y4', 'listens', '1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1', 'local', 'parked', '01m82gx1cmd19brztbj1xr1wdb', '{}', 1577836799792, 1577923199807, 1577836799793, NULL, NULL, NULL, NULL, 'an event of shop.ordered on shop/shop', 1, false, 3, NULL, NULL, false, 0, NULL, NULL, false, false, true, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1d95mskn6tynkzs7wwh', 'calls', '1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900', 'local', 'parked', '01m82gx1d95kztxgsr3966qk8g', '{}', 1577836799812, 1577837399825, 1577836799814, NULL, NULL, NULL, NULL, 'the flow callee', 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('4j4cjs7z5h68974bzeeq5n81vm', 'callee', 'c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f', 'local', 'parked', '0pazvame4raj3t5qxwctsh3680', '{}', 1577836799820, 1577836859837, 1577836799833, NULL, NULL, NULL, NULL, 'its time, at 21:00:27', 1, false, 2, '01m82gx1d95mskn6tynkzs7wwh', 'sub', true, 1, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1dv47ynnvqk2px7ere7', 'turns', 'd942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec', 'local', 'parked', '01m82gx1dv47jr6qkvp5t2q04y', '{}', 1577836799830, 1577836859845, 1577836799840, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:00:27', 1, false, 3, NULL, NULL, false, 0, 'turns:null', 1, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1ee3g5axj01xcxk5v8k', 'branches', 'b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c', 'local', 'parked', '01m82gx1ee3g1fqztaedjd5k7r', '{}', 1577836799849, 1577836859859, 1577836799851, NULL, NULL, NULL, NULL, 'its time, at 21:00:27', 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx18243rd23hkvgjjanah', 'done', '7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23', 'local', 'succeeded', '01m82gx1824352rw843hwyr3wt', '{}', 1577836799645, NULL, 1577836799649, 1577836799665, '{}', NULL, NULL, NULL, 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx18t51gzjzwva38w8tz2', 'refused', '7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36', 'local', 'failed', '01m82gx18t51cet2w6b4gp9r5t', '{}', 1577836799670, NULL, 1577836799671, 1577836799677, NULL, '{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}', NULL, NULL, 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx19j6k1tkeqzgj36yh2z', 'stopped', 'df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5', 'local', 'cancelled', '01m82gx19j6j74c67mehjhjhdb', '{}', 1577836799693, NULL, 1577836799695, 1577836799700, NULL, NULL, 'enough', NULL, 1, false, 3, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82gx1966n7we0j3gwrj7fc6', 'lost', 'ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb', 'local', 'uncertain', '01m82gx1966n3mqpp71ge6m6fx', '{}', 1577836799681, NULL, 1577836799683, 1577836799689, NULL, '{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}', NULL, NULL, 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.schedules VALUES ('nightly', 'night', 'schedule.cron', '{"cron":"0 3 * * *"}', 'local', 1577923199283, 1577836799283);
INSERT INTO public.steps VALUES ('01m82gx1a08mrv46t9tynp0zx0', 'again', 2, 'shop.pay', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:00:27', 4, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1ad0dt0dnvj6gy6fb4a', 'two', 1, 'till.pay', 'waiting', 'till', '{"name":"permit.two"}', NULL, NULL, NULL, NULL, 'till/till 1/3600s until 01:00:00', 2, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1bn4m0bx65664w5h34n', 'each[2].pay', 2, 'shop.pay', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:00:27', 8, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1cmd1xs2sj7kf0bv5y4', 'w', 1, 'wait', 'waiting', NULL, '{"uses":"shop.ordered","with":{"name":"x"}}', NULL, NULL, NULL, NULL, 'an event of shop.ordered on shop/shop', 2, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1d95mskn6tynkzs7wwh', 'sub', 1, 'flow callee', 'waiting', NULL, '{}', NULL, NULL, NULL, NULL, 'the flow callee', 2, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1dv47ynnvqk2px7ere7', 'pay', 2, 'shop.pay', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:00:27', 2, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[55].pay', 2, 'shop.pay', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:00:27', 168, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[1].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.1"}', '{"name":"long.1"}', NULL, 1577836799883, 1577836799886, NULL, 3, 1577836799886, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[2].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.2"}', '{"name":"long.2"}', NULL, 1577836799886, 1577836799889, NULL, 6, 1577836799890, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[3].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.3"}', '{"name":"long.3"}', NULL, 1577836799889, 1577836799891, NULL, 9, 1577836799892, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[6].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.6"}', '{"name":"long.6"}', NULL, 1577836799895, 1577836799897, NULL, 18, 1577836799898, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[40]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.40"}}', NULL, 1577836799964, 1577836799964, NULL, 122, 1577836799964, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[43]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.43"}}', NULL, 1577836799969, 1577836799969, NULL, 131, 1577836799969, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1arf5er9wesaek6eafx', 'cut', 1, 'shop.pay', 'running', 'shop', '{"name":"cut_keyed.cut"}', NULL, NULL, 1577836799737, NULL, NULL, 2, 1577836799737, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1b159rpqc4v78gytagd', 'cut', 1, 'shop.book', 'running', 'shop', '{"name":"cut_asked.cut"}', NULL, NULL, 1577836799746, NULL, NULL, 2, 1577836799746, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1bb4ya9fqht9sgcvcay', 'cut', 1, 'shop.send', 'running', 'shop', '{"name":"cut_plain.cut"}', NULL, NULL, 1577836799755, NULL, NULL, 2, 1577836799755, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each', 1, 'foreach', 'running', NULL, NULL, '{"through":[[0,50]],"bytes":1290}', NULL, 1577836799978, NULL, NULL, 153, 1577836799978, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx18243rd23hkvgjjanah', 'look', 1, 'shop.look', 'succeeded', 'shop', '{"name":"done.look"}', '{"name":"done.look"}', NULL, 1577836799656, 1577836799661, NULL, 0, 1577836799662, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx18243rd23hkvgjjanah', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"done.pay"}', '{"name":"done.pay"}', NULL, 1577836799661, 1577836799665, NULL, 2, 1577836799665, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx18t51gzjzwva38w8tz2', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"refused.pay"}', '{"name":"refused.pay"}', NULL, 1577836799674, 1577836799676, NULL, 0, 1577836799676, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1966n7we0j3gwrj7fc6', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"lost.pay"}', '{"name":"lost.pay"}', NULL, 1577836799686, 1577836799688, NULL, 0, 1577836799688, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[4].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.4"}', '{"name":"long.4"}', NULL, 1577836799891, 1577836799893, NULL, 12, 1577836799894, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[5].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.5"}', '{"name":"long.5"}', NULL, 1577836799893, 1577836799895, NULL, 15, 1577836799896, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[8].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.8"}', '{"name":"long.8"}', NULL, 1577836799899, 1577836799901, NULL, 24, 1577836799902, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[11].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.11"}', '{"name":"long.11"}', NULL, 1577836799910, 1577836799912, NULL, 33, 1577836799913, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[14].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.14"}', '{"name":"long.14"}', NULL, 1577836799917, 1577836799919, NULL, 42, 1577836799920, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[17].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.17"}', '{"name":"long.17"}', NULL, 1577836799924, 1577836799926, NULL, 51, 1577836799927, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[20].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.20"}', '{"name":"long.20"}', NULL, 1577836799930, 1577836799931, NULL, 60, 1577836799932, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[23].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.23"}', '{"name":"long.23"}', NULL, 1577836799935, 1577836799937, NULL, 69, 1577836799937, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[26].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.26"}', '{"name":"long.26"}', NULL, 1577836799940, 1577836799942, NULL, 78, 1577836799942, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[29].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.29"}', '{"name":"long.29"}', NULL, 1577836799945, 1577836799946, NULL, 87, 1577836799947, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[32].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.32"}', '{"name":"long.32"}', NULL, 1577836799950, 1577836799951, NULL, 96, 1577836799952, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[9].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.9"}', '{"name":"long.9"}', NULL, 1577836799901, 1577836799903, NULL, 27, 1577836799904, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[12].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.12"}', '{"name":"long.12"}', NULL, 1577836799912, 1577836799915, NULL, 36, 1577836799916, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[15].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.15"}', '{"name":"long.15"}', NULL, 1577836799919, 1577836799922, NULL, 45, 1577836799922, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[18].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.18"}', '{"name":"long.18"}', NULL, 1577836799926, 1577836799928, NULL, 54, 1577836799928, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[21].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.21"}', '{"name":"long.21"}', NULL, 1577836799931, 1577836799933, NULL, 63, 1577836799933, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[24].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.24"}', '{"name":"long.24"}', NULL, 1577836799937, 1577836799938, NULL, 72, 1577836799939, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[27].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.27"}', '{"name":"long.27"}', NULL, 1577836799942, 1577836799943, NULL, 81, 1577836799944, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[30].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.30"}', '{"name":"long.30"}', NULL, 1577836799946, 1577836799948, NULL, 90, 1577836799948, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[33].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.33"}', '{"name":"long.33"}', NULL, 1577836799951, 1577836799953, NULL, 99, 1577836799954, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[36].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.36"}', '{"name":"long.36"}', NULL, 1577836799957, 1577836799959, NULL, 108, 1577836799959, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[7].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.7"}', '{"name":"long.7"}', NULL, 1577836799897, 1577836799899, NULL, 21, 1577836799900, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[10].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.10"}', '{"name":"long.10"}', NULL, 1577836799903, 1577836799910, NULL, 30, 1577836799911, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[13].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.13"}', '{"name":"long.13"}', NULL, 1577836799915, 1577836799917, NULL, 39, 1577836799918, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[16].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.16"}', '{"name":"long.16"}', NULL, 1577836799922, 1577836799924, NULL, 48, 1577836799924, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[19].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.19"}', '{"name":"long.19"}', NULL, 1577836799928, 1577836799930, NULL, 57, 1577836799930, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[22].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.22"}', '{"name":"long.22"}', NULL, 1577836799933, 1577836799935, NULL, 66, 1577836799935, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[25].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.25"}', '{"name":"long.25"}', NULL, 1577836799938, 1577836799940, NULL, 75, 1577836799941, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[28].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.28"}', '{"name":"long.28"}', NULL, 1577836799943, 1577836799945, NULL, 84, 1577836799945, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[31].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.31"}', '{"name":"long.31"}', NULL, 1577836799948, 1577836799950, NULL, 93, 1577836799950, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[34].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.34"}', '{"name":"long.34"}', NULL, 1577836799953, 1577836799955, NULL, 102, 1577836799955, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[37].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.37"}', '{"name":"long.37"}', NULL, 1577836799959, 1577836799960, NULL, 111, 1577836799960, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[40].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.40"}', '{"name":"long.40"}', NULL, 1577836799963, 1577836799964, NULL, 120, 1577836799965, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[43].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.43"}', '{"name":"long.43"}', NULL, 1577836799967, 1577836799969, NULL, 129, 1577836799969, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[46].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.46"}', '{"name":"long.46"}', NULL, 1577836799972, 1577836799973, NULL, 138, 1577836799973, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[49].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.49"}', '{"name":"long.49"}', NULL, 1577836799976, 1577836799977, NULL, 147, 1577836799977, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[9]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.9"}}', NULL, 1577836799903, 1577836799903, NULL, 29, 1577836799903, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[12]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.12"}}', NULL, 1577836799915, 1577836799915, NULL, 38, 1577836799915, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[15]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.15"}}', NULL, 1577836799922, 1577836799922, NULL, 47, 1577836799922, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[18]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.18"}}', NULL, 1577836799928, 1577836799928, NULL, 56, 1577836799928, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[21]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.21"}}', NULL, 1577836799933, 1577836799933, NULL, 65, 1577836799933, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[46]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.46"}}', NULL, 1577836799973, 1577836799973, NULL, 140, 1577836799973, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[49]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.49"}}', NULL, 1577836799977, 1577836799977, NULL, 149, 1577836799977, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[8]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.8"}}', NULL, 1577836799901, 1577836799901, NULL, 26, 1577836799901, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[11]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.11"}}', NULL, 1577836799912, 1577836799912, NULL, 35, 1577836799912, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[14]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.14"}}', NULL, 1577836799919, 1577836799919, NULL, 44, 1577836799919, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[17]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.17"}}', NULL, 1577836799926, 1577836799926, NULL, 53, 1577836799926, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[20]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.20"}}', NULL, 1577836799931, 1577836799931, NULL, 62, 1577836799931, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[23]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.23"}}', NULL, 1577836799937, 1577836799937, NULL, 71, 1577836799937, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[26]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.26"}}', NULL, 1577836799942, 1577836799942, NULL, 80, 1577836799942, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[29]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.29"}}', NULL, 1577836799946, 1577836799946, NULL, 89, 1577836799946, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[32]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.32"}}', NULL, 1577836799951, 1577836799951, NULL, 98, 1577836799951, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[35]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.35"}}', NULL, 1577836799957, 1577836799957, NULL, 107, 1577836799957, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[38]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.38"}}', NULL, 1577836799962, 1577836799962, NULL, 116, 1577836799962, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[41]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.41"}}', NULL, 1577836799966, 1577836799966, NULL, 125, 1577836799966, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[44]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.44"}}', NULL, 1577836799970, 1577836799970, NULL, 134, 1577836799970, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[47]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.47"}}', NULL, 1577836799974, 1577836799974, NULL, 143, 1577836799974, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[36]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.36"}}', NULL, 1577836799959, 1577836799959, NULL, 110, 1577836799959, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[39]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.39"}}', NULL, 1577836799963, 1577836799963, NULL, 119, 1577836799963, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[42]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.42"}}', NULL, 1577836799967, 1577836799967, NULL, 128, 1577836799967, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[45]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.45"}}', NULL, 1577836799972, 1577836799972, NULL, 137, 1577836799972, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx18t51gzjzwva38w8tz2', 'send', 1, 'shop.send', 'failed', 'shop', '{"name":"refused.send"}', NULL, '{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}', 1577836799676, 1577836799677, NULL, 2, 1577836799678, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1966n7we0j3gwrj7fc6', 'send', 1, 'shop.send', 'uncertain', 'shop', '{"name":"lost.send"}', NULL, '{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}', 1577836799688, 1577836799689, NULL, 2, 1577836799690, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx19j6k1tkeqzgj36yh2z', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"stopped.pay"}', '{"name":"stopped.pay"}', NULL, 1577836799698, 1577836799700, NULL, 0, 1577836799701, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx19j6k1tkeqzgj36yh2z', 's', 1, 'stop', 'succeeded', NULL, NULL, '{"status":"cancelled","message":"enough"}', NULL, 1577836799700, 1577836799700, NULL, 2, 1577836799700, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1a08mrv46t9tynp0zx0', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"retry.pay"}', '{"name":"retry.pay"}', NULL, 1577836799713, 1577836799714, NULL, 0, 1577836799714, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1a08mrv46t9tynp0zx0', 'again', 1, 'shop.pay', 'failed', 'shop', '{"name":"retry.again"}', NULL, '{"step":"again","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"retry.yaml:6:23"}', 1577836799714, 1577836799717, NULL, 2, 1577836799717, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1ad0dt0dnvj6gy6fb4a', 'one', 1, 'till.pay', 'succeeded', 'till', '{"name":"permit.one"}', '{"name":"permit.one"}', NULL, 1577836799725, 1577836799727, NULL, 0, 1577836799728, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1arf5er9wesaek6eafx', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"cut_keyed.pay"}', '{"name":"cut_keyed.pay"}', NULL, 1577836799736, 1577836799737, NULL, 0, 1577836799738, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1b159rpqc4v78gytagd', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"cut_asked.pay"}', '{"name":"cut_asked.pay"}', NULL, 1577836799745, 1577836799746, NULL, 0, 1577836799747, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1bb4ya9fqht9sgcvcay', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"cut_plain.pay"}', '{"name":"cut_plain.pay"}', NULL, 1577836799754, 1577836799755, NULL, 0, 1577836799756, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1bn4m0bx65664w5h34n', 'each[0]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"loop.0"}}', NULL, 1577836799768, 1577836799768, NULL, 2, 1577836799768, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1bn4m0bx65664w5h34n', 'each[0].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"loop.0"}', '{"name":"loop.0"}', NULL, 1577836799766, 1577836799768, NULL, 0, 1577836799768, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1bn4m0bx65664w5h34n', 'each[1]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"loop.1"}}', NULL, 1577836799770, 1577836799770, NULL, 5, 1577836799770, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1bn4m0bx65664w5h34n', 'each[1].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"loop.1"}', '{"name":"loop.1"}', NULL, 1577836799768, 1577836799770, NULL, 3, 1577836799771, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1bn4m0bx65664w5h34n', 'each[2].pay', 1, 'shop.pay', 'failed', 'shop', '{"name":"loop.2"}', NULL, '{"step":"each[2].pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"loop.yaml:8:25"}', 1577836799770, 1577836799772, NULL, 6, 1577836799773, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1c50nv4kbcgr579vyqm', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"waits.pay"}', '{"name":"waits.pay"}', NULL, 1577836799781, 1577836799782, NULL, 0, 1577836799783, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1cmd1xs2sj7kf0bv5y4', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"listens.pay"}', '{"name":"listens.pay"}', NULL, 1577836799797, 1577836799801, NULL, 0, 1577836799802, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1d95mskn6tynkzs7wwh', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"calls.pay"}', '{"name":"calls.pay"}', NULL, 1577836799817, 1577836799820, NULL, 0, 1577836799820, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1dv47ynnvqk2px7ere7', 'pay', 1, 'shop.pay', 'failed', 'shop', '{"name":"turns.pay"}', NULL, '{"step":"pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"turns.yaml:6:21"}', 1577836799843, 1577836799845, NULL, 0, 1577836799846, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1ee3g5axj01xcxk5v8k', 'both.left.l', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"branches.left"}', '{"name":"branches.left"}', NULL, 1577836799855, 1577836799859, NULL, 2, 1577836799859, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1ew87zgh1dxm84k191h', 'a', 1, 'shop.pay', 'succeeded', 'shop', '"sealed:v1.0f521c89.9xVyLXm39MHg51asjJkH6SwiPjMsNparlrpH_y8TU85P0OaSxN4llPmNcxw27_8="', '"sealed:v1.0f521c89.nCN3kQpBixG98jCOQLKofuKju5fSMizuq5wHqmnh34T9yPTWiZA0UJM_cTqb20s="', NULL, 1577836799868, 1577836799870, NULL, 0, 1577836799871, NULL, NULL, 'inputs,outputs', false);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[0].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.0"}', '{"name":"long.0"}', NULL, 1577836799882, 1577836799883, NULL, 0, 1577836799884, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[35].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.35"}', '{"name":"long.35"}', NULL, 1577836799955, 1577836799957, NULL, 105, 1577836799957, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[38].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.38"}', '{"name":"long.38"}', NULL, 1577836799960, 1577836799962, NULL, 114, 1577836799962, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[41].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.41"}', '{"name":"long.41"}', NULL, 1577836799964, 1577836799966, NULL, 123, 1577836799966, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[44].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.44"}', '{"name":"long.44"}', NULL, 1577836799969, 1577836799970, NULL, 132, 1577836799971, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[47].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.47"}', '{"name":"long.47"}', NULL, 1577836799973, 1577836799974, NULL, 141, 1577836799975, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[50].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.50"}', '{"name":"long.50"}', NULL, 1577836799977, 1577836799978, NULL, 150, 1577836799979, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[4]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.4"}}', NULL, 1577836799893, 1577836799893, NULL, 14, 1577836799893, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[7]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.7"}}', NULL, 1577836799899, 1577836799899, NULL, 23, 1577836799899, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[10]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.10"}}', NULL, 1577836799910, 1577836799910, NULL, 32, 1577836799910, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[51]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.51"}}', NULL, 1577836799982, 1577836799982, NULL, 156, 1577836799982, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[52].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.52"}', '{"name":"long.52"}', NULL, 1577836799982, 1577836799983, NULL, 157, 1577836799984, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[54]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.54"}}', NULL, 1577836799986, 1577836799986, NULL, 165, 1577836799986, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[13]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.13"}}', NULL, 1577836799917, 1577836799917, NULL, 41, 1577836799917, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[16]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.16"}}', NULL, 1577836799924, 1577836799924, NULL, 50, 1577836799924, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[19]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.19"}}', NULL, 1577836799930, 1577836799930, NULL, 59, 1577836799930, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[22]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.22"}}', NULL, 1577836799935, 1577836799935, NULL, 68, 1577836799935, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[52]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.52"}}', NULL, 1577836799983, 1577836799983, NULL, 159, 1577836799983, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[53].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.53"}', '{"name":"long.53"}', NULL, 1577836799983, 1577836799985, NULL, 160, 1577836799985, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[39].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.39"}', '{"name":"long.39"}', NULL, 1577836799962, 1577836799963, NULL, 117, 1577836799963, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[42].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.42"}', '{"name":"long.42"}', NULL, 1577836799966, 1577836799967, NULL, 126, 1577836799968, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[45].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.45"}', '{"name":"long.45"}', NULL, 1577836799970, 1577836799972, NULL, 135, 1577836799972, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[48].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.48"}', '{"name":"long.48"}', NULL, 1577836799974, 1577836799976, NULL, 144, 1577836799976, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[50]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.50"}}', NULL, 1577836799978, 1577836799978, NULL, 152, 1577836799978, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[0]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.0"}}', NULL, 1577836799883, 1577836799883, NULL, 2, 1577836799883, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[1]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.1"}}', NULL, 1577836799886, 1577836799886, NULL, 5, 1577836799886, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[3]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.3"}}', NULL, 1577836799891, 1577836799891, NULL, 11, 1577836799891, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[6]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.6"}}', NULL, 1577836799897, 1577836799897, NULL, 20, 1577836799897, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[25]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.25"}}', NULL, 1577836799940, 1577836799940, NULL, 77, 1577836799940, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[28]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.28"}}', NULL, 1577836799945, 1577836799945, NULL, 86, 1577836799945, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[31]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.31"}}', NULL, 1577836799950, 1577836799950, NULL, 95, 1577836799950, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[34]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.34"}}', NULL, 1577836799955, 1577836799955, NULL, 104, 1577836799955, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[37]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.37"}}', NULL, 1577836799960, 1577836799960, NULL, 113, 1577836799960, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[2]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.2"}}', NULL, 1577836799889, 1577836799889, NULL, 8, 1577836799889, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[5]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.5"}}', NULL, 1577836799895, 1577836799895, NULL, 17, 1577836799895, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[51].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.51"}', '{"name":"long.51"}', NULL, 1577836799978, 1577836799982, NULL, 154, 1577836799982, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[24]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.24"}}', NULL, 1577836799938, 1577836799938, NULL, 74, 1577836799938, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[27]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.27"}}', NULL, 1577836799943, 1577836799943, NULL, 83, 1577836799943, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[30]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.30"}}', NULL, 1577836799948, 1577836799948, NULL, 92, 1577836799948, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[33]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.33"}}', NULL, 1577836799953, 1577836799953, NULL, 101, 1577836799953, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[48]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.48"}}', NULL, 1577836799976, 1577836799976, NULL, 146, 1577836799976, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[53]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.53"}}', NULL, 1577836799985, 1577836799985, NULL, 162, 1577836799985, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[54].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.54"}', '{"name":"long.54"}', NULL, 1577836799985, 1577836799986, NULL, 163, 1577836799987, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82gx1f8d89mwdx0exzx3b9y', 'each[55].pay', 1, 'shop.pay', 'failed', 'shop', '{"name":"long.55"}', NULL, '{"step":"each[55].pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"long.yaml:8:25"}', 1577836799986, 1577836799988, NULL, 166, 1577836799989, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1c50nv4kbcgr579vyqm', 'w', 1, 'wait', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'its time, at 21:00:27', 2, NULL, 1577836799781, NULL, NULL, false);
INSERT INTO public.steps VALUES ('4j4cjs7z5h68974bzeeq5n81vm', 'w', 1, 'wait', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'its time, at 21:00:27', 0, NULL, 1577836799833, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1ee3g5axj01xcxk5v8k', 'both.right.w', 1, 'wait', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'its time, at 21:00:27', 0, NULL, 1577836799852, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82gx1ew87zgh1dxm84k191h', 'w', 1, 'wait', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'its time, at 21:00:27', 2, NULL, 1577836799868, NULL, NULL, false);
INSERT INTO public.subscriptions VALUES ('f96f0022906fd19b9eba1363460b29b7', '76edf644db3be466d997f2212ccf65da2aa43c8fe49df367a60fbc7ab82ebe59', 'local', 'shop', 'shop.ordered', '{"name":"x"}', 'https://hooks.example/hooks/f96f0022906fd19b9eba1363460b29b7', NULL, 'pending', NULL, NULL, 1577836799788, 1577836799788, NULL, NULL);
INSERT INTO public.subscriptions VALUES ('14b0f749c738516281cfc03b05b917cc', '4a6aa4a5874ecb15cbb2e67a3179c8ac3312b6c5142061aac03e58afc7237bb5', 'local', 'shop', 'shop.ordered', '{"name":"order"}', 'https://hooks.example/hooks/14b0f749c738516281cfc03b05b917cc', 'v1.0f521c89.C-6gtz_Kb5vIFvOE1Aqus2vSOmlMUJJdzQaQPFCftrDa7Sz-tZHw', 'active', 'https://shop.example/hooks/1', NULL, 1577836799632, 1577836799634, 1577836799634, NULL);
INSERT INTO public.waits VALUES ('01m82gx1cmd1xs2sj7kf0bv5y4', 'w', 'f96f0022906fd19b9eba1363460b29b7');
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT pk_audit PRIMARY KEY (id);
ALTER TABLE ONLY public.bindings
    ADD CONSTRAINT pk_bindings PRIMARY KEY (flow, trigger, subscription_id);
ALTER TABLE ONLY public.connections
    ADD CONSTRAINT pk_connections PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT pk_events PRIMARY KEY (id);
ALTER TABLE ONLY public.flow_versions
    ADD CONSTRAINT pk_flow_versions PRIMARY KEY (flow, digest);
ALTER TABLE ONLY public.flows
    ADD CONSTRAINT pk_flows PRIMARY KEY (id);
ALTER TABLE ONLY public.heard
    ADD CONSTRAINT pk_heard PRIMARY KEY (run_id, path, event_id);
ALTER TABLE ONLY public.owners
    ADD CONSTRAINT pk_owners PRIMARY KEY (id);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT pk_runs PRIMARY KEY (id);
ALTER TABLE ONLY public.schedules
    ADD CONSTRAINT pk_schedules PRIMARY KEY (flow, trigger);
ALTER TABLE ONLY public.steps
    ADD CONSTRAINT pk_steps PRIMARY KEY (run_id, path, attempt);
ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT pk_subscriptions PRIMARY KEY (id);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT pk_tokens PRIMARY KEY (id);
ALTER TABLE ONLY public.waits
    ADD CONSTRAINT pk_waits PRIMARY KEY (run_id, path);
ALTER TABLE ONLY public.connections
    ADD CONSTRAINT uq_connections_owner_name UNIQUE (owner, name);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT uq_events_subscription_id_dedupe_key UNIQUE (subscription_id, dedupe_key);
ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT uq_subscriptions_identity UNIQUE (identity);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT uq_tokens_digest UNIQUE (digest);
CREATE INDEX ix_audit_time ON public.audit USING btree (at, id);
CREATE INDEX ix_bindings_subscription ON public.bindings USING btree (subscription_id);
CREATE INDEX ix_events_time ON public.events USING btree (received_at, id);
CREATE INDEX ix_runs_due ON public.runs USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX ix_runs_flow ON public.runs USING btree (flow, status, created_at, id);
CREATE INDEX ix_runs_lane ON public.runs USING btree (lane, held, created_at, id) WHERE ((lane IS NOT NULL) AND (due_at IS NOT NULL));
CREATE INDEX ix_runs_parent ON public.runs USING btree (parent_run) WHERE (parent_run IS NOT NULL);
CREATE INDEX ix_runs_status ON public.runs USING btree (status, created_at, id);
CREATE INDEX ix_runs_time ON public.runs USING btree (created_at, id);
CREATE INDEX ix_schedules_due ON public.schedules USING btree (next_at);
CREATE INDEX ix_steps_called ON public.steps USING btree (connection, called_at);
CREATE INDEX ix_steps_kept ON public.steps USING btree (run_id) WHERE (folded = false);
CREATE INDEX ix_steps_open ON public.steps USING btree (connection) WHERE (ended_at IS NULL);
CREATE INDEX ix_tokens_owner ON public.tokens USING btree (owner);
CREATE INDEX ix_waits_subscription ON public.waits USING btree (subscription_id);
ALTER TABLE ONLY public.bindings
    ADD CONSTRAINT fk_bindings_subscriptions FOREIGN KEY (subscription_id) REFERENCES public.subscriptions(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.flows
    ADD CONSTRAINT fk_flows_flow_versions FOREIGN KEY (id, digest) REFERENCES public.flow_versions(flow, digest);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT fk_runs_events FOREIGN KEY (event_id) REFERENCES public.events(id);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT fk_runs_flow_versions FOREIGN KEY (flow, digest) REFERENCES public.flow_versions(flow, digest);
ALTER TABLE ONLY public.steps
    ADD CONSTRAINT fk_steps_runs FOREIGN KEY (run_id) REFERENCES public.runs(id);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT fk_tokens_owners FOREIGN KEY (owner) REFERENCES public.owners(id);
