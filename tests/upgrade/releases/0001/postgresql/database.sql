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
    subscription_id text NOT NULL
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
    CONSTRAINT ck_events_source CHECK ((source = ANY (ARRAY['webhook'::text, 'manual'::text])))
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
    CONSTRAINT ck_runs_due_while_active CHECK (((due_at IS NULL) = (status = ANY (ARRAY['cancelled'::text, 'failed'::text, 'succeeded'::text, 'uncertain'::text])))),
    CONSTRAINT ck_runs_status CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'parked'::text, 'succeeded'::text, 'failed'::text, 'uncertain'::text, 'cancelled'::text])))
);
CREATE TABLE public.steps (
    run_id text NOT NULL COLLATE pg_catalog."C",
    path text NOT NULL,
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
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.bindings VALUES ('ordered', 'ordered', 'd4cc14ecde533df9a789beb198039ecc');
INSERT INTO public.connections VALUES ('2599c791cc430f600aec0546', 'local', 'probe', 'probe', '{"base_url":"https://probe.example"}', '{"token":"v1.0f521c89.NUcCU-Mm3amlhOzw9L2ECndKEipXAErcyuOH68tQ9ELsQs6pwhhVTq9W7n5exPQ="}', '{}', 'unknown', NULL, 1577836799544, 1577836799544, NULL);
INSERT INTO public.connections VALUES ('779b6f2eaf9cc945d703686b', 'local', 'shop', 'shop', '{"base_url":"https://shop.example"}', '{"token":"v1.0f521c89.uczcV5rZ5w0GBVFx2uxyHCxsoLPeUSdvTIxOMOzy9nIZ2lsctXLkt5s8gbppO_E9ENNQLGCk-7kL"}', '{}', 'ok', NULL, 1577836799548, 1577836799681, NULL);
INSERT INTO public.connections VALUES ('90072a9306df2d6c38020759', 'local', 'till', 'till', '{"base_url":"https://shop.example"}', '{"token":"v1.0f521c89._GXFgAhEEthKrEu0RDYQZUAkGOUHZZ4XEpakVIDTqCcZ8i4VcmPVBvfGxTIw_rCvdawRxn8Ow5fr"}', '{}', 'ok', NULL, 1577836799550, 1577836799839, NULL);
INSERT INTO public.events VALUES ('01m82he8n2bb8tncarme4xftd4', 'd4cc14ecde533df9a789beb198039ecc', 'webhook', 'order 1', 1577836799571, '\x7b7d', '{"name":"order"}', '[{"flow":"ordered","digest":"790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247","trigger":"ordered","run_id":"01m82he8n2bbw2ev9shskqssrp","reason":null}]', false, NULL, 1);
INSERT INTO public.events VALUES ('01m82he8qw9k99atzsx546y00d', NULL, 'manual', 'done', 1577836799661, '\x7b226f72646572223a22646f6e65227d', '{"order":"done"}', '[{"flow":"done","digest":"7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23","trigger":"manual","run_id":"01m82he8qw9m0nv3t8gvkqpjj7","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he8rqdrqyqq33nnrya54q', NULL, 'manual', 'refused', 1577836799689, '\x7b226f72646572223a2272656675736564227d', '{"order":"refused"}', '[{"flow":"refused","digest":"7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36","trigger":"manual","run_id":"01m82he8rqdscgg5k1z42ppjbd","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he8s58qqm4h7c70mvymq1', NULL, 'manual', 'lost', 1577836799702, '\x7b226f72646572223a226c6f7374227d', '{"order":"lost"}', '[{"flow":"lost","digest":"ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb","trigger":"manual","run_id":"01m82he8s58rg8vne5dx1k3j8q","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he8t91tpb36wrpw9rbs2d', NULL, 'manual', 'stopped', 1577836799738, '\x7b226f72646572223a2273746f70706564227d', '{"order":"stopped"}', '[{"flow":"stopped","digest":"df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5","trigger":"manual","run_id":"01m82he8t91tyaeggg07x4xna5","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he8vg16v5nj2mzwxjbekj', NULL, 'manual', 'queued', 1577836799777, '\x7b226f72646572223a22717565756564227d', '{"order":"queued"}', '[{"flow":"queued","digest":"a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b","trigger":"manual","run_id":"01m82he8vg17apyzh127gxxwq5","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he8vn8scdakjrrf69qm58', NULL, 'manual', 'retry', 1577836799783, '\x7b226f72646572223a227265747279227d', '{"order":"retry"}', '[{"flow":"retry","digest":"c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9","trigger":"manual","run_id":"01m82he8vn8sxz8y3gc2gp2j23","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he8wh3azkemysarq7sj55', NULL, 'manual', 'permit', 1577836799810, '\x7b226f72646572223a227065726d6974227d', '{"order":"permit"}', '[{"flow":"permit","digest":"1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d","trigger":"manual","run_id":"01m82he8wh3bmtnjhf3n87shgt","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he8y32ckqrjvvqxfefv1z', NULL, 'manual', 'cut_keyed', 1577836799861, '\x7b226f72646572223a226375745f6b65796564227d', '{"order":"cut_keyed"}', '[{"flow":"cut_keyed","digest":"787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7","trigger":"manual","run_id":"01m82he8y32cx6zgb4j3q0460n","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he909183a2z5nsdgcjwdy', NULL, 'manual', 'cut_asked', 1577836799931, '\x7b226f72646572223a226375745f61736b6564227d', '{"order":"cut_asked"}', '[{"flow":"cut_asked","digest":"9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720","trigger":"manual","run_id":"01m82he90918a0mhmvhekdpd6g","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he91dfymkh2tr91vqebvx', NULL, 'manual', 'cut_plain', 1577836799967, '\x7b226f72646572223a226375745f706c61696e227d', '{"order":"cut_plain"}', '[{"flow":"cut_plain","digest":"3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd","trigger":"manual","run_id":"01m82he91dfzde1m7ja6t8cbj0","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he92e4v1razbdey9hddym', NULL, 'manual', 'loop', 1577836800000, '\x7b226f72646572223a226c6f6f70227d', '{"order":"loop"}', '[{"flow":"loop","digest":"35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb","trigger":"manual","run_id":"01m82he92e4v2ws8gg1yhant1m","reason":null}]', false, NULL, 0);
INSERT INTO public.flow_versions VALUES ('ordered', '790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247', 'id: ordered
name: Ordered
connections: {shop: shop}
triggers: [{id: ordered, uses: shop.ordered, connection: shop, with: {name: order}}]
steps:
  - {id: pay, uses: shop.pay, with: {name: ordered.pay}}
', 'ordered.yaml', 1577836799560);
INSERT INTO public.flow_versions VALUES ('done', '7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23', 'id: done
name: Done
connections: {shop: shop}
steps:
  - {id: look, uses: shop.look, with: {name: done.look}}
  - {id: pay, uses: shop.pay, with: {name: done.pay}}
', 'done.yaml', 1577836799660);
INSERT INTO public.flow_versions VALUES ('refused', '7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36', 'id: refused
name: Refused
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: refused.pay}}
  - {id: send, uses: shop.send, with: {name: refused.send}}
', 'refused.yaml', 1577836799688);
INSERT INTO public.flow_versions VALUES ('lost', 'ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb', 'id: lost
name: Lost
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: lost.pay}}
  - {id: send, uses: shop.send, with: {name: lost.send}}
', 'lost.yaml', 1577836799701);
INSERT INTO public.flow_versions VALUES ('stopped', 'df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5', 'id: stopped
name: Stopped
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: stopped.pay}}
  - {id: s, stop: {status: cancelled, message: enough}}
', 'stopped.yaml', 1577836799737);
INSERT INTO public.flow_versions VALUES ('queued', 'a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b', 'id: queued
name: Queued
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: queued.pay}}
', 'queued.yaml', 1577836799776);
INSERT INTO public.flow_versions VALUES ('retry', 'c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9', 'id: retry
name: Retry
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: retry.pay}}
  - {id: again, uses: shop.pay, with: {name: retry.again}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
  - {id: last, uses: shop.pay, with: {name: retry.last}}
', 'retry.yaml', 1577836799781);
INSERT INTO public.flow_versions VALUES ('permit', '1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d', 'id: permit
name: Permit
connections: {till: till}
steps:
  - {id: one, uses: till.pay, with: {name: permit.one}}
  - {id: two, uses: till.pay, with: {name: permit.two}}
', 'permit.yaml', 1577836799807);
INSERT INTO public.flow_versions VALUES ('cut_keyed', '787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7', 'id: cut_keyed
name: Cut_Keyed
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_keyed.pay}}
  - {id: cut, uses: shop.pay, with: {name: cut_keyed.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_keyed.last}}
', 'cut_keyed.yaml', 1577836799857);
INSERT INTO public.flow_versions VALUES ('cut_asked', '9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720', 'id: cut_asked
name: Cut_Asked
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_asked.pay}}
  - {id: cut, uses: shop.book, with: {name: cut_asked.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_asked.last}}
', 'cut_asked.yaml', 1577836799928);
INSERT INTO public.flow_versions VALUES ('cut_plain', '3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd', 'id: cut_plain
name: Cut_Plain
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_plain.pay}}
  - {id: cut, uses: shop.send, with: {name: cut_plain.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_plain.last}}
', 'cut_plain.yaml', 1577836799963);
INSERT INTO public.flow_versions VALUES ('loop', '35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb', 'id: loop
name: Loop
connections: {shop: shop}
steps:
  - id: each
    foreach: "[0, 1, 2, 3]"
    steps:
      - {id: pay, uses: shop.pay, with: {name: "loop.{{ item }}"}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
', 'loop.yaml', 1577836799996);
INSERT INTO public.flows VALUES ('ordered', 'Ordered', 'local', true, '790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247', 1577836799561);
INSERT INTO public.flows VALUES ('done', 'Done', 'local', true, '7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23', 1577836799660);
INSERT INTO public.flows VALUES ('refused', 'Refused', 'local', true, '7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36', 1577836799688);
INSERT INTO public.flows VALUES ('lost', 'Lost', 'local', true, 'ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb', 1577836799702);
INSERT INTO public.flows VALUES ('stopped', 'Stopped', 'local', true, 'df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5', 1577836799737);
INSERT INTO public.flows VALUES ('queued', 'Queued', 'local', true, 'a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b', 1577836799776);
INSERT INTO public.flows VALUES ('retry', 'Retry', 'local', true, 'c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9', 1577836799782);
INSERT INTO public.flows VALUES ('permit', 'Permit', 'local', true, '1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d', 1577836799808);
INSERT INTO public.flows VALUES ('cut_keyed', 'Cut_Keyed', 'local', true, '787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7', 1577836799859);
INSERT INTO public.flows VALUES ('cut_asked', 'Cut_Asked', 'local', true, '9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720', 1577836799929);
INSERT INTO public.flows VALUES ('cut_plain', 'Cut_Plain', 'local', true, '3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd', 1577836799965);
INSERT INTO public.flows VALUES ('loop', 'Loop', 'local', true, '35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb', 1577836799998);
INSERT INTO public.owners VALUES ('local', 'This installation', 1577836799527);
INSERT INTO public.runs VALUES ('01m82he8vn8sxz8y3gc2gp2j23', 'retry', 'c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9', 'local', 'parked', '01m82he8vn8scdakjrrf69qm58', '{}', 1577836799783, 1577836859799, 1577836799784, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:09:52', 1, false, 5);
INSERT INTO public.runs VALUES ('01m82he8qw9m0nv3t8gvkqpjj7', 'done', '7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23', 'local', 'succeeded', '01m82he8qw9k99atzsx546y00d', '{}', 1577836799661, NULL, 1577836799666, 1577836799683, '{}', NULL, NULL, NULL, 1, false, 4);
INSERT INTO public.runs VALUES ('01m82he8rqdscgg5k1z42ppjbd', 'refused', '7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36', 'local', 'failed', '01m82he8rqdrqyqq33nnrya54q', '{}', 1577836799689, NULL, 1577836799690, 1577836799698, NULL, '{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}', NULL, NULL, 1, false, 4);
INSERT INTO public.runs VALUES ('01m82he8s58rg8vne5dx1k3j8q', 'lost', 'ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb', 'local', 'uncertain', '01m82he8s58qqm4h7c70mvymq1', '{}', 1577836799702, NULL, 1577836799708, 1577836799730, NULL, '{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}', NULL, NULL, 1, false, 4);
INSERT INTO public.runs VALUES ('01m82he8t91tyaeggg07x4xna5', 'stopped', 'df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5', 'local', 'cancelled', '01m82he8t91tpb36wrpw9rbs2d', '{}', 1577836799738, NULL, 1577836799748, 1577836799768, NULL, NULL, 'enough', NULL, 1, false, 3);
INSERT INTO public.runs VALUES ('01m82he8n2bbw2ev9shskqssrp', 'ordered', '790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247', 'local', 'queued', '01m82he8n2bb8tncarme4xftd4', '{}', 1577836799571, 1577836803075, NULL, NULL, NULL, NULL, NULL, NULL, 0, false, 0);
INSERT INTO public.runs VALUES ('01m82he8vg17apyzh127gxxwq5', 'queued', 'a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b', 'local', 'queued', '01m82he8vg16v5nj2mzwxjbekj', '{}', 1577836799777, 1577836803075, NULL, NULL, NULL, NULL, NULL, NULL, 0, false, 0);
INSERT INTO public.runs VALUES ('01m82he8wh3bmtnjhf3n87shgt', 'permit', '1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d', 'local', 'parked', '01m82he8wh3azkemysarq7sj55', '{}', 1577836799810, 1577840399044, 1577836799823, NULL, NULL, NULL, NULL, 'till/till 1/3600s until 00:59:59', 1, false, 3);
INSERT INTO public.runs VALUES ('01m82he8y32cx6zgb4j3q0460n', 'cut_keyed', '787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7', 'local', 'running', '01m82he8y32ckqrjvvqxfefv1z', '{}', 1577836799861, 1577836809920, 1577836799874, NULL, NULL, NULL, NULL, NULL, 1, false, 3);
INSERT INTO public.runs VALUES ('01m82he90918a0mhmvhekdpd6g', 'cut_asked', '9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720', 'local', 'running', '01m82he909183a2z5nsdgcjwdy', '{}', 1577836799931, 1577836809954, 1577836799935, NULL, NULL, NULL, NULL, NULL, 1, false, 3);
INSERT INTO public.runs VALUES ('01m82he91dfzde1m7ja6t8cbj0', 'cut_plain', '3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd', 'local', 'running', '01m82he91dfymkh2tr91vqebvx', '{}', 1577836799967, 1577836809981, 1577836799970, NULL, NULL, NULL, NULL, NULL, 1, false, 3);
INSERT INTO public.runs VALUES ('01m82he92e4v2ws8gg1yhant1m', 'loop', '35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb', 'local', 'parked', '01m82he92e4v1razbdey9hddym', '{}', 1577836800000, 1577836860063, 1577836800004, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:09:52', 1, false, 7);
INSERT INTO public.steps VALUES ('01m82he8vn8sxz8y3gc2gp2j23', 'again', 2, 'shop.pay', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:09:52', 4, NULL);
INSERT INTO public.steps VALUES ('01m82he8wh3bmtnjhf3n87shgt', 'two', 1, 'till.pay', 'waiting', 'till', '{"name":"permit.two"}', NULL, NULL, NULL, NULL, 'till/till 1/3600s until 00:59:59', 2, NULL);
INSERT INTO public.steps VALUES ('01m82he92e4v2ws8gg1yhant1m', 'each[2].pay', 2, 'shop.pay', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:09:52', 6, NULL);
INSERT INTO public.steps VALUES ('01m82he8qw9m0nv3t8gvkqpjj7', 'look', 1, 'shop.look', 'succeeded', 'shop', '{"name":"done.look"}', '{"name":"done.look"}', NULL, 1577836799673, 1577836799679, NULL, 0, 1577836799680);
INSERT INTO public.steps VALUES ('01m82he8qw9m0nv3t8gvkqpjj7', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"done.pay"}', '{"name":"done.pay"}', NULL, 1577836799679, 1577836799683, NULL, 2, 1577836799684);
INSERT INTO public.steps VALUES ('01m82he8rqdscgg5k1z42ppjbd', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"refused.pay"}', '{"name":"refused.pay"}', NULL, 1577836799694, 1577836799696, NULL, 0, 1577836799697);
INSERT INTO public.steps VALUES ('01m82he8rqdscgg5k1z42ppjbd', 'send', 1, 'shop.send', 'failed', 'shop', '{"name":"refused.send"}', NULL, '{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}', 1577836799696, 1577836799698, NULL, 2, 1577836799698);
INSERT INTO public.steps VALUES ('01m82he8s58rg8vne5dx1k3j8q', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"lost.pay"}', '{"name":"lost.pay"}', NULL, 1577836799718, 1577836799725, NULL, 0, 1577836799726);
INSERT INTO public.steps VALUES ('01m82he8s58rg8vne5dx1k3j8q', 'send', 1, 'shop.send', 'uncertain', 'shop', '{"name":"lost.send"}', NULL, '{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}', 1577836799725, 1577836799730, NULL, 2, 1577836799730);
INSERT INTO public.steps VALUES ('01m82he8t91tyaeggg07x4xna5', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"stopped.pay"}', '{"name":"stopped.pay"}', NULL, 1577836799761, 1577836799768, NULL, 0, 1577836799769);
INSERT INTO public.steps VALUES ('01m82he8y32cx6zgb4j3q0460n', 'cut', 1, 'shop.pay', 'running', 'shop', '{"name":"cut_keyed.cut"}', NULL, NULL, 1577836799920, NULL, NULL, 2, 1577836799920);
INSERT INTO public.steps VALUES ('01m82he90918a0mhmvhekdpd6g', 'cut', 1, 'shop.book', 'running', 'shop', '{"name":"cut_asked.cut"}', NULL, NULL, 1577836799954, NULL, NULL, 2, 1577836799954);
INSERT INTO public.steps VALUES ('01m82he91dfzde1m7ja6t8cbj0', 'cut', 1, 'shop.send', 'running', 'shop', '{"name":"cut_plain.cut"}', NULL, NULL, 1577836799981, NULL, NULL, 2, 1577836799981);
INSERT INTO public.steps VALUES ('01m82he8t91tyaeggg07x4xna5', 's', 1, 'stop', 'succeeded', NULL, NULL, '{"status":"cancelled","message":"enough"}', NULL, 1577836799768, 1577836799768, NULL, 2, 1577836799768);
INSERT INTO public.steps VALUES ('01m82he8vn8sxz8y3gc2gp2j23', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"retry.pay"}', '{"name":"retry.pay"}', NULL, 1577836799790, 1577836799793, NULL, 0, 1577836799795);
INSERT INTO public.steps VALUES ('01m82he8vn8sxz8y3gc2gp2j23', 'again', 1, 'shop.pay', 'failed', 'shop', '{"name":"retry.again"}', NULL, '{"step":"again","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"retry.yaml:6:23"}', 1577836799793, 1577836799799, NULL, 2, 1577836799803);
INSERT INTO public.steps VALUES ('01m82he8wh3bmtnjhf3n87shgt', 'one', 1, 'till.pay', 'succeeded', 'till', '{"name":"permit.one"}', '{"name":"permit.one"}', NULL, 1577836799835, 1577836799846, NULL, 0, 1577836799849);
INSERT INTO public.steps VALUES ('01m82he8y32cx6zgb4j3q0460n', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"cut_keyed.pay"}', '{"name":"cut_keyed.pay"}', NULL, 1577836799907, 1577836799920, NULL, 0, 1577836799921);
INSERT INTO public.steps VALUES ('01m82he90918a0mhmvhekdpd6g', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"cut_asked.pay"}', '{"name":"cut_asked.pay"}', NULL, 1577836799948, 1577836799954, NULL, 0, 1577836799955);
INSERT INTO public.steps VALUES ('01m82he91dfzde1m7ja6t8cbj0', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"cut_plain.pay"}', '{"name":"cut_plain.pay"}', NULL, 1577836799976, 1577836799981, NULL, 0, 1577836799983);
INSERT INTO public.steps VALUES ('01m82he92e4v2ws8gg1yhant1m', 'each[0].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"loop.0"}', '{"name":"loop.0"}', NULL, 1577836800033, 1577836800046, NULL, 0, 1577836800047);
INSERT INTO public.steps VALUES ('01m82he92e4v2ws8gg1yhant1m', 'each[1].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"loop.1"}', '{"name":"loop.1"}', NULL, 1577836800046, 1577836800053, NULL, 2, 1577836800057);
INSERT INTO public.steps VALUES ('01m82he92e4v2ws8gg1yhant1m', 'each[2].pay', 1, 'shop.pay', 'failed', 'shop', '{"name":"loop.2"}', NULL, '{"step":"each[2].pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"loop.yaml:8:25"}', 1577836800053, 1577836800063, NULL, 4, 1577836800064);
INSERT INTO public.subscriptions VALUES ('d4cc14ecde533df9a789beb198039ecc', '4a6aa4a5874ecb15cbb2e67a3179c8ac3312b6c5142061aac03e58afc7237bb5', 'local', 'shop', 'shop.ordered', '{"name":"order"}', 'https://hooks.example/hooks/d4cc14ecde533df9a789beb198039ecc', 'v1.0f521c89.UN9oxTXcbNYCFQ4-vNBQQNAKoPiixMbLCFg53swAsNpzZD0GUIoc', 'active', 'https://shop.example/hooks/1', NULL, 1577836799564, 1577836799569, 1577836799569, NULL);
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
ALTER TABLE ONLY public.owners
    ADD CONSTRAINT pk_owners PRIMARY KEY (id);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT pk_runs PRIMARY KEY (id);
ALTER TABLE ONLY public.steps
    ADD CONSTRAINT pk_steps PRIMARY KEY (run_id, path, attempt);
ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT pk_subscriptions PRIMARY KEY (id);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT pk_tokens PRIMARY KEY (id);
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
CREATE INDEX ix_runs_status ON public.runs USING btree (status, created_at, id);
CREATE INDEX ix_runs_time ON public.runs USING btree (created_at, id);
CREATE INDEX ix_steps_called ON public.steps USING btree (connection, called_at);
CREATE INDEX ix_steps_open ON public.steps USING btree (connection) WHERE (ended_at IS NULL);
CREATE INDEX ix_tokens_owner ON public.tokens USING btree (owner);
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
