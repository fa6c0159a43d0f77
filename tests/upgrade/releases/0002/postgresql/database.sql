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
INSERT INTO public.bindings VALUES ('ordered', 'ordered', '6c64a442f9a1569b365911b87dd98120', 'start');
INSERT INTO public.bindings VALUES ('listens', 'wait:w', '5a0d0e7a28f38257aa49dff7b5c9631d', 'wait');
INSERT INTO public.connections VALUES ('21d50dbe08c652ae2f091fa2', 'local', 'probe', 'probe', '{"base_url":"https://probe.example"}', '{"token":"v1.0f521c89.HGiuugBsB42xNNzqnNOLK9DxcTftnxwSsL50vCq6u2CevkNJrV7lmO9IhrkxDJM="}', '{}', 'unknown', NULL, 1577836798361, 1577836798361, NULL);
INSERT INTO public.connections VALUES ('137bf024feb04ed6018e715c', 'local', 'shop', 'shop', '{"base_url":"https://shop.example"}', '{"token":"v1.0f521c89.eZV_gj51T3iGr-3j-MOxcD1YQuUoo3jwdUPV-JKfYJOFzDy7FS7MqNtL2hHanz6iUMGbPoxMeHnf"}', '{}', 'ok', NULL, 1577836798370, 1577836798476, NULL);
INSERT INTO public.connections VALUES ('677e9ae83184cce1ee8e1a24', 'local', 'till', 'till', '{"base_url":"https://shop.example"}', '{"token":"v1.0f521c89.OzDgNz4iibtEIY1-WRRI1ln79V-wxNSF_KfcSTA_NKhLjj89j-SsPAZq3lFnGwNHeBpF_Z2Fh2cK"}', '{}', 'ok', NULL, 1577836798373, 1577836798716, NULL);
INSERT INTO public.events VALUES ('01m82he08k337nxkwc9ddtfz79', '6c64a442f9a1569b365911b87dd98120', 'webhook', 'order 1', 1577836798404, '\x7b7d', '{"name":"order"}', '[{"flow":"ordered","digest":"790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247","trigger":"ordered","run_id":"01m82he08matfkehetdbnvexyq","reason":null}]', false, NULL, 1);
INSERT INTO public.events VALUES ('01m82he09c79t2y8dmg17674da', NULL, 'manual', 'done', 1577836798427, '\x7b226f72646572223a22646f6e65227d', '{"order":"done"}', '[{"flow":"done","digest":"7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23","trigger":"manual","run_id":"01m82he09c7a42bxp0sc4n9st0","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0bf4df2vmeb6wq2gw6n', NULL, 'manual', 'refused', 1577836798493, '\x7b226f72646572223a2272656675736564227d', '{"order":"refused"}', '[{"flow":"refused","digest":"7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36","trigger":"manual","run_id":"01m82he0bf4dmbkyjcwws7e8kk","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0cb6vmjnxtv7ht49hbj', NULL, 'manual', 'lost', 1577836798522, '\x7b226f72646572223a226c6f7374227d', '{"order":"lost"}', '[{"flow":"lost","digest":"ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb","trigger":"manual","run_id":"01m82he0cb6w1tbbz16j8be9ry","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0dj02pfkhxs6wexneke', NULL, 'manual', 'stopped', 1577836798568, '\x7b226f72646572223a2273746f70706564227d', '{"order":"stopped"}', '[{"flow":"stopped","digest":"df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5","trigger":"manual","run_id":"01m82he0dj0354rh7vckc34c2m","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0f76s02dsh6407yz88w', NULL, 'manual', 'queued', 1577836798613, '\x7b226f72646572223a22717565756564227d', '{"order":"queued"}', '[{"flow":"queued","digest":"a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b","trigger":"manual","run_id":"01m82he0f76s8c53rmep9426nm","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0fq0a8wpfwz1qvf17s7', NULL, 'manual', 'retry', 1577836798629, '\x7b226f72646572223a227265747279227d', '{"order":"retry"}', '[{"flow":"retry","digest":"c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9","trigger":"manual","run_id":"01m82he0fq0at4ym9chm8p9dgd","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0hea79br3thbh29bwt8', NULL, 'manual', 'permit', 1577836798692, '\x7b226f72646572223a227065726d6974227d', '{"order":"permit"}', '[{"flow":"permit","digest":"1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d","trigger":"manual","run_id":"01m82he0hea7rrgpqvsg40tw4w","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0jz26bmc75abez1n4d3', NULL, 'manual', 'cut_keyed', 1577836798733, '\x7b226f72646572223a226375745f6b65796564227d', '{"order":"cut_keyed"}', '[{"flow":"cut_keyed","digest":"787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7","trigger":"manual","run_id":"01m82he0jz2742rr0e6hcn6kxr","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0mee2d60hhvamzg8sff', NULL, 'manual', 'cut_asked', 1577836798781, '\x7b226f72646572223a226375745f61736b6564227d', '{"order":"cut_asked"}', '[{"flow":"cut_asked","digest":"9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720","trigger":"manual","run_id":"01m82he0mee2pe9p423j982kwe","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0npa0qzgy12ta8g1ttp', NULL, 'manual', 'cut_plain', 1577836798824, '\x7b226f72646572223a226375745f706c61696e227d', '{"order":"cut_plain"}', '[{"flow":"cut_plain","digest":"3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd","trigger":"manual","run_id":"01m82he0npa1dryap56fxssj51","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0q4625hc11z3tk67d4e', NULL, 'manual', 'loop', 1577836798867, '\x7b226f72646572223a226c6f6f70227d', '{"order":"loop"}', '[{"flow":"loop","digest":"35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb","trigger":"manual","run_id":"01m82he0q462h9ectzgya3jrcj","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0se6k9nrsd4r1920hhf', NULL, 'manual', 'waits', 1577836798941, '\x7b226f72646572223a227761697473227d', '{"order":"waits"}', '[{"flow":"waits","digest":"800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04","trigger":"manual","run_id":"01m82he0se6k9y2kxxs1y7zerz","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0vzaahs16r0c6wrb9em', NULL, 'manual', 'listens', 1577836799022, '\x7b226f72646572223a226c697374656e73227d', '{"order":"listens"}', '[{"flow":"listens","digest":"1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1","trigger":"manual","run_id":"01m82he0vzabgy9w4drgj0yat4","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0ybc9pyq237n2sqxqjn', NULL, 'manual', 'called_off', 1577836799103, '\x7b226f72646572223a2263616c6c65645f6f6666227d', '{"order":"called_off"}', '[{"flow":"called_off","digest":"2281e6423acac5c36a8b14049cd1f4214b24fc3ab111e7f3aaf7dd9b4513601f","trigger":"manual","run_id":"01m82he0ybcap3wagc83gbstzn","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he0zc9mb65gns795gv0pz', NULL, 'manual', 'calls', 1577836799130, '\x7b226f72646572223a2263616c6c73227d', '{"order":"calls"}', '[{"flow":"calls","digest":"1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900","trigger":"manual","run_id":"01m82he0zc9mq47s6ts2ftyfwn","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('53g0q3f9mzsshtj1w3r7gg7pjm', NULL, 'flow', '01m82he0zc9mq47s6ts2ftyfwn:sub', 1577836799160, '\x7b7d', '{"event":"flow","payload":{},"created_at":"2026-11-22T21:08:44.170000Z","created_by":"calls"}', '[{"flow":"callee","digest":"c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f","trigger":"flow","run_id":"7ey1x5tcvw14zqwvp5bwyr5k66","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he12j674hg8d4geqq6dz0', NULL, 'manual', 'turns 1', 1577836799235, '\x7b226f72646572223a227475726e732031227d', '{"order":"turns 1"}', '[{"flow":"turns","digest":"d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec","trigger":"manual","run_id":"01m82he12j678k0zqs79k8pycz","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he136da487typmdks73he', NULL, 'manual', 'turns 2', 1577836799257, '\x7b226f72646572223a227475726e732032227d', '{"order":"turns 2"}', '[{"flow":"turns","digest":"d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec","trigger":"manual","run_id":"01m82he136davxv8t4g5bdrdy8","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he160bznz17jw9j5tskft', NULL, 'manual', 'branches', 1577836799343, '\x7b226f72646572223a226272616e63686573227d', '{"order":"branches"}', '[{"flow":"branches","digest":"b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c","trigger":"manual","run_id":"01m82he160bzst3cdm544yr2ma","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he18hf3qfdc2npsn96yp1', NULL, 'manual', 'secret', 1577836799423, '\x7b226f72646572223a22736563726574227d', '{"order":"secret"}', '[{"flow":"secret","digest":"6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09","trigger":"manual","run_id":"01m82he18hf452rt3dd6bawxx4","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he19p7ew0ghmk2n7gp34v', NULL, 'manual', 'long', 1577836799460, '\x7b226f72646572223a226c6f6e67227d', '{"order":"long"}', '[{"flow":"long","digest":"7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41","trigger":"manual","run_id":"01m82he19p7fdzxy7kv05vnakn","reason":null}]', false, NULL, 0);
INSERT INTO public.events VALUES ('01m82he1tje7j6w4sstmm1g0n0', 'schedule:nightly:night', 'schedule', '1795381724000', 1577836800000, '\x7b7d', '{"slot":1795381724000}', '[{"flow":"nightly","digest":"d036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d","trigger":"night","run_id":"01m82he1tje88ge6gs485ckvhg","reason":null}]', false, NULL, 0);
INSERT INTO public.flow_versions VALUES ('ordered', '790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247', 'id: ordered
name: Ordered
connections: {shop: shop}
triggers: [{id: ordered, uses: shop.ordered, connection: shop, with: {name: order}}]
steps:
  - {id: pay, uses: shop.pay, with: {name: ordered.pay}}
', 'ordered.yaml', 1577836798385);
INSERT INTO public.flow_versions VALUES ('queued', 'a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b', 'id: queued
name: Queued
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: queued.pay}}
', 'queued.yaml', 1577836798608);
INSERT INTO public.flow_versions VALUES ('done', '7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23', 'id: done
name: Done
connections: {shop: shop}
steps:
  - {id: look, uses: shop.look, with: {name: done.look}}
  - {id: pay, uses: shop.pay, with: {name: done.pay}}
', 'done.yaml', 1577836798423);
INSERT INTO public.flow_versions VALUES ('refused', '7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36', 'id: refused
name: Refused
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: refused.pay}}
  - {id: send, uses: shop.send, with: {name: refused.send}}
', 'refused.yaml', 1577836798490);
INSERT INTO public.flow_versions VALUES ('lost', 'ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb', 'id: lost
name: Lost
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: lost.pay}}
  - {id: send, uses: shop.send, with: {name: lost.send}}
', 'lost.yaml', 1577836798519);
INSERT INTO public.flow_versions VALUES ('stopped', 'df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5', 'id: stopped
name: Stopped
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: stopped.pay}}
  - {id: s, stop: {status: cancelled, message: enough}}
', 'stopped.yaml', 1577836798557);
INSERT INTO public.flow_versions VALUES ('retry', 'c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9', 'id: retry
name: Retry
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: retry.pay}}
  - {id: again, uses: shop.pay, with: {name: retry.again}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
  - {id: last, uses: shop.pay, with: {name: retry.last}}
', 'retry.yaml', 1577836798624);
INSERT INTO public.flow_versions VALUES ('permit', '1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d', 'id: permit
name: Permit
connections: {till: till}
steps:
  - {id: one, uses: till.pay, with: {name: permit.one}}
  - {id: two, uses: till.pay, with: {name: permit.two}}
', 'permit.yaml', 1577836798682);
INSERT INTO public.flow_versions VALUES ('cut_keyed', '787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7', 'id: cut_keyed
name: Cut_Keyed
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_keyed.pay}}
  - {id: cut, uses: shop.pay, with: {name: cut_keyed.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_keyed.last}}
', 'cut_keyed.yaml', 1577836798731);
INSERT INTO public.flow_versions VALUES ('cut_asked', '9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720', 'id: cut_asked
name: Cut_Asked
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_asked.pay}}
  - {id: cut, uses: shop.book, with: {name: cut_asked.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_asked.last}}
', 'cut_asked.yaml', 1577836798772);
INSERT INTO public.flow_versions VALUES ('cut_plain', '3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd', 'id: cut_plain
name: Cut_Plain
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_plain.pay}}
  - {id: cut, uses: shop.send, with: {name: cut_plain.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_plain.last}}
', 'cut_plain.yaml', 1577836798818);
INSERT INTO public.flow_versions VALUES ('loop', '35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb', 'id: loop
name: Loop
connections: {shop: shop}
steps:
  - id: each
    foreach: "[0, 1, 2, 3]"
    steps:
      - {id: pay, uses: shop.pay, with: {name: "loop.{{ item }}"}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
', 'loop.yaml', 1577836798864);
INSERT INTO public.flow_versions VALUES ('waits', '800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04', 'id: waits
name: Waits
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: waits.pay}}
  - {id: w, wait: {for: 1m}}
  - {id: last, uses: shop.pay, with: {name: waits.last}}
', 'waits.yaml', 1577836798935);
INSERT INTO public.flow_versions VALUES ('listens', '1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1', 'id: listens
name: Listens
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: listens.pay}}
  - {id: w, wait: {event: {uses: shop.ordered, with: {name: x}}}}
  - {id: last, uses: shop.pay, with: {name: ''listens.{{ steps.w.output.name }}''}}
', 'listens.yaml', 1577836798989);
INSERT INTO public.flow_versions VALUES ('called_off', '2281e6423acac5c36a8b14049cd1f4214b24fc3ab111e7f3aaf7dd9b4513601f', 'id: called_off
name: Called_Off
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: called_off.pay}}
', 'called_off.yaml', 1577836799096);
INSERT INTO public.flow_versions VALUES ('callee', 'c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f', 'id: callee
name: Callee
connections: {shop: shop}
steps:
  - {id: w, wait: {for: 1m}}
  - {id: pay, uses: shop.pay, with: {name: callee.pay}}
', 'callee.yaml', 1577836799112);
INSERT INTO public.flow_versions VALUES ('calls', '1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900', 'id: calls
name: Calls
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: calls.pay}}
  - {id: sub, flow: callee}
  - {id: last, uses: shop.pay, with: {name: calls.last}}
', 'calls.yaml', 1577836799121);
INSERT INTO public.flow_versions VALUES ('turns', 'd942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec', 'id: turns
name: Turns
connections: {shop: shop}
concurrency: {limit: 1}
steps:
  - {id: pay, uses: shop.pay, with: {name: turns.pay}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
', 'turns.yaml', 1577836799229);
INSERT INTO public.flow_versions VALUES ('branches', 'b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c', 'id: branches
name: Branches
connections: {shop: shop}
steps:
  - id: both
    parallel:
      left: [{id: l, uses: shop.pay, with: {name: branches.left}}]
      right: [{id: w, wait: {for: 1m}}, {id: r, uses: shop.pay, with: {name: branches.right}}]
', 'branches.yaml', 1577836799336);
INSERT INTO public.flow_versions VALUES ('secret', '6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09', 'id: secret
name: Secret
connections: {shop: shop}
steps:
  - {id: a, uses: shop.pay, with: {name: secret.a}, secure: [inputs, outputs]}
  - {id: w, wait: {for: 1m}}
  - {id: b, uses: shop.pay, with: {name: ''secret.{{ steps.a.output.name }}''}}
', 'secret.yaml', 1577836799417);
INSERT INTO public.flow_versions VALUES ('long', '7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41', 'id: long
name: Long
connections: {shop: shop}
steps:
  - id: each
    foreach: "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59]"
    steps:
      - {id: pay, uses: shop.pay, with: {name: "long.{{ item }}"}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
', 'long.yaml', 1577836799457);
INSERT INTO public.flow_versions VALUES ('nightly', 'd036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d', 'id: nightly
name: Nightly
connections: {shop: shop}
triggers: [{id: night, uses: schedule.cron, with: {cron: ''0 3 * * *''}}]
steps:
  - {id: pay, uses: shop.pay, with: {name: nightly.pay}}
', 'nightly.yaml', 1577836799980);
INSERT INTO public.flows VALUES ('ordered', 'Ordered', 'local', true, '790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247', 1577836798386);
INSERT INTO public.flows VALUES ('done', 'Done', 'local', true, '7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23', 1577836798426);
INSERT INTO public.flows VALUES ('refused', 'Refused', 'local', true, '7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36', 1577836798492);
INSERT INTO public.flows VALUES ('lost', 'Lost', 'local', true, 'ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb', 1577836798521);
INSERT INTO public.flows VALUES ('stopped', 'Stopped', 'local', true, 'df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5', 1577836798558);
INSERT INTO public.flows VALUES ('queued', 'Queued', 'local', true, 'a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b', 1577836798612);
INSERT INTO public.flows VALUES ('retry', 'Retry', 'local', true, 'c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9', 1577836798628);
INSERT INTO public.flows VALUES ('permit', 'Permit', 'local', true, '1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d', 1577836798683);
INSERT INTO public.flows VALUES ('cut_keyed', 'Cut_Keyed', 'local', true, '787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7', 1577836798732);
INSERT INTO public.flows VALUES ('cut_asked', 'Cut_Asked', 'local', true, '9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720', 1577836798773);
INSERT INTO public.flows VALUES ('cut_plain', 'Cut_Plain', 'local', true, '3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd', 1577836798820);
INSERT INTO public.flows VALUES ('loop', 'Loop', 'local', true, '35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb', 1577836798865);
INSERT INTO public.flows VALUES ('waits', 'Waits', 'local', true, '800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04', 1577836798935);
INSERT INTO public.flows VALUES ('listens', 'Listens', 'local', true, '1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1', 1577836799021);
INSERT INTO public.flows VALUES ('called_off', 'Called_Off', 'local', true, '2281e6423acac5c36a8b14049cd1f4214b24fc3ab111e7f3aaf7dd9b4513601f', 1577836799097);
INSERT INTO public.flows VALUES ('callee', 'Callee', 'local', true, 'c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f', 1577836799114);
INSERT INTO public.flows VALUES ('calls', 'Calls', 'local', true, '1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900', 1577836799121);
INSERT INTO public.flows VALUES ('turns', 'Turns', 'local', true, 'd942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec', 1577836799231);
INSERT INTO public.flows VALUES ('branches', 'Branches', 'local', true, 'b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c', 1577836799341);
INSERT INTO public.flows VALUES ('secret', 'Secret', 'local', true, '6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09', 1577836799419);
INSERT INTO public.flows VALUES ('long', 'Long', 'local', true, '7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41', 1577836799458);
INSERT INTO public.flows VALUES ('nightly', 'Nightly', 'local', true, 'd036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d', 1577836799981);
INSERT INTO public.owners VALUES ('local', 'This installation', 1577836798294);
INSERT INTO public.runs VALUES ('01m82he136davxv8t4g5bdrdy8', 'turns', 'd942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec', 'local', 'queued', '01m82he136da487typmdks73he', '{}', 1577836799257, 253402300799000, NULL, NULL, NULL, NULL, NULL, 'its turn: at most 1 run at a time with this concurrency key', 0, false, 0, NULL, NULL, false, 0, 'turns:null', 1, true, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he08matfkehetdbnvexyq', 'ordered', '790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247', 'local', 'queued', '01m82he08k337nxkwc9ddtfz79', '{}', 1577836798404, 1577836803011, NULL, NULL, NULL, NULL, NULL, NULL, 0, false, 0, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0f76s8c53rmep9426nm', 'queued', 'a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b', 'local', 'queued', '01m82he0f76s02dsh6407yz88w', '{}', 1577836798613, 1577836803011, NULL, NULL, NULL, NULL, NULL, NULL, 0, false, 0, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he1tje88ge6gs485ckvhg', 'nightly', 'd036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d', 'local', 'queued', '01m82he1tje7j6w4sstmm1g0n0', '{}', 1577836800000, 1577836803011, NULL, NULL, NULL, NULL, NULL, NULL, 0, false, 0, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he160bzst3cdm544yr2ma', 'branches', 'b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c', 'local', 'parked', '01m82he160bznz17jw9j5tskft', '{}', 1577836799343, 1577836859402, 1577836799365, NULL, NULL, NULL, NULL, 'its time, at 21:09:44', 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he18hf452rt3dd6bawxx4', 'secret', '6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09', 'local', 'parked', '01m82he18hf3qfdc2npsn96yp1', '{}', 1577836799423, 1577836859448, 1577836799441, NULL, NULL, NULL, NULL, 'its time, at 21:09:44', 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0fq0at4ym9chm8p9dgd', 'retry', 'c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9', 'local', 'parked', '01m82he0fq0a8wpfwz1qvf17s7', '{}', 1577836798629, 1577836858672, 1577836798638, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:09:43', 1, false, 5, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0hea7rrgpqvsg40tw4w', 'permit', '1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d', 'local', 'parked', '01m82he0hea79br3thbh29bwt8', '{}', 1577836798692, 1577840397917, 1577836798697, NULL, NULL, NULL, NULL, 'till/till 1/3600s until 00:59:59', 1, false, 3, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0jz2742rr0e6hcn6kxr', 'cut_keyed', '787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7', 'local', 'running', '01m82he0jz26bmc75abez1n4d3', '{}', 1577836798733, 1577836808764, 1577836798738, NULL, NULL, NULL, NULL, NULL, 1, false, 3, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0mee2pe9p423j982kwe', 'cut_asked', '9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720', 'local', 'running', '01m82he0mee2d60hhvamzg8sff', '{}', 1577836798781, 1577836808808, 1577836798788, NULL, NULL, NULL, NULL, NULL, 1, false, 3, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0npa1dryap56fxssj51', 'cut_plain', '3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd', 'local', 'running', '01m82he0npa0qzgy12ta8g1ttp', '{}', 1577836798824, 1577836808849, 1577836798828, NULL, NULL, NULL, NULL, NULL, 1, false, 3, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0q462h9ectzgya3jrcj', 'loop', '35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb', 'local', 'parked', '01m82he0q4625hc11z3tk67d4e', '{}', 1577836798867, 1577836858924, 1577836798875, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:09:43', 1, false, 9, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0se6k9y2kxxs1y7zerz', 'waits', '800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04', 'local', 'parked', '01m82he0se6k9nrsd4r1920hhf', '{}', 1577836798941, 1577836858972, 1577836798950, NULL, NULL, NULL, NULL, 'its time, at 21:09:43', 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0vzabgy9w4drgj0yat4', 'listens', '1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1', 'local', 'parked', '01m82he0vzaahs16r0c6wrb9em', '{}', 1577836799022, 1577923199088, 1577836799033, NULL, NULL, NULL, NULL, 'an event of shop.ordered on shop/shop', 1, false, 3, NULL, NULL, false, 0, NULL, NULL, false, false, true, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0zc9mq47s6ts2ftyfwn', 'calls', '1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900', 'local', 'parked', '01m82he0zc9mb65gns795gv0pz', '{}', 1577836799130, 1577837399179, 1577836799136, NULL, NULL, NULL, NULL, 'the flow callee', 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('7ey1x5tcvw14zqwvp5bwyr5k66', 'callee', 'c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f', 'local', 'parked', '53g0q3f9mzsshtj1w3r7gg7pjm', '{}', 1577836799160, 1577836859202, 1577836799196, NULL, NULL, NULL, NULL, 'its time, at 21:09:44', 1, false, 2, '01m82he0zc9mq47s6ts2ftyfwn', 'sub', true, 1, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he12j678k0zqs79k8pycz', 'turns', 'd942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec', 'local', 'parked', '01m82he12j674hg8d4geqq6dz0', '{}', 1577836799235, 1577836859324, 1577836799286, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:09:44', 1, false, 3, NULL, NULL, false, 0, 'turns:null', 1, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he19p7fdzxy7kv05vnakn', 'long', '7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41', 'local', 'parked', '01m82he19p7ew0ghmk2n7gp34v', '{}', 1577836799460, 1577836859954, 1577836799470, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:09:44', 1, false, 169, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he09c7a42bxp0sc4n9st0', 'done', '7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23', 'local', 'succeeded', '01m82he09c79t2y8dmg17674da', '{}', 1577836798427, NULL, 1577836798434, 1577836798481, '{}', NULL, NULL, NULL, 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0ybcap3wagc83gbstzn', 'called_off', '2281e6423acac5c36a8b14049cd1f4214b24fc3ab111e7f3aaf7dd9b4513601f', 'local', 'cancelled', '01m82he0ybc9pyq237n2sqxqjn', '{}', 1577836799103, NULL, NULL, 1577836799959, NULL, NULL, 'cancelled by request', NULL, 0, true, 0, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0bf4dmbkyjcwws7e8kk', 'refused', '7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36', 'local', 'failed', '01m82he0bf4df2vmeb6wq2gw6n', '{}', 1577836798493, NULL, 1577836798498, 1577836798512, NULL, '{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}', NULL, NULL, 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0dj0354rh7vckc34c2m', 'stopped', 'df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5', 'local', 'cancelled', '01m82he0dj02pfkhxs6wexneke', '{}', 1577836798568, NULL, 1577836798573, 1577836798600, NULL, NULL, 'enough', NULL, 1, false, 3, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.runs VALUES ('01m82he0cb6w1tbbz16j8be9ry', 'lost', 'ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb', 'local', 'uncertain', '01m82he0cb6vmjnxtv7ht49hbj', '{}', 1577836798522, NULL, 1577836798526, 1577836798548, NULL, '{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}', NULL, NULL, 1, false, 4, NULL, NULL, false, 0, NULL, NULL, false, false, false, NULL, NULL);
INSERT INTO public.schedules VALUES ('nightly', 'night', 'schedule.cron', '{"cron":"0 3 * * *"}', 'local', 1577923198990, 1577836798990);
INSERT INTO public.steps VALUES ('01m82he0fq0at4ym9chm8p9dgd', 'again', 2, 'shop.pay', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:09:43', 4, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0hea7rrgpqvsg40tw4w', 'two', 1, 'till.pay', 'waiting', 'till', '{"name":"permit.two"}', NULL, NULL, NULL, NULL, 'till/till 1/3600s until 00:59:59', 2, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0q462h9ectzgya3jrcj', 'each[2].pay', 2, 'shop.pay', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:09:43', 8, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0vzabgy9w4drgj0yat4', 'w', 1, 'wait', 'waiting', NULL, '{"uses":"shop.ordered","with":{"name":"x"}}', NULL, NULL, NULL, NULL, 'an event of shop.ordered on shop/shop', 2, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0zc9mq47s6ts2ftyfwn', 'sub', 1, 'flow callee', 'waiting', NULL, '{}', NULL, NULL, NULL, NULL, 'the flow callee', 2, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he12j678k0zqs79k8pycz', 'pay', 2, 'shop.pay', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:09:44', 2, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[55].pay', 2, 'shop.pay', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'attempt 2 of 3 after server, at 21:09:44', 168, NULL, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[44].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.44"}', '{"name":"long.44"}', NULL, 1577836799886, 1577836799891, NULL, 132, 1577836799892, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[46].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.46"}', '{"name":"long.46"}', NULL, 1577836799897, 1577836799907, NULL, 138, 1577836799908, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[48].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.48"}', '{"name":"long.48"}', NULL, 1577836799910, 1577836799913, NULL, 144, 1577836799916, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[50].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.50"}', '{"name":"long.50"}', NULL, 1577836799920, 1577836799924, NULL, 150, 1577836799925, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[45]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.45"}}', NULL, 1577836799897, 1577836799897, NULL, 137, 1577836799897, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[47]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.47"}}', NULL, 1577836799910, 1577836799910, NULL, 143, 1577836799910, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[49]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.49"}}', NULL, 1577836799920, 1577836799920, NULL, 149, 1577836799920, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[51]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.51"}}', NULL, 1577836799935, 1577836799935, NULL, 156, 1577836799935, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each', 1, 'foreach', 'running', NULL, NULL, '{"through":[[0,50]],"bytes":1290}', NULL, 1577836799924, NULL, NULL, 153, 1577836799924, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0jz2742rr0e6hcn6kxr', 'cut', 1, 'shop.pay', 'running', 'shop', '{"name":"cut_keyed.cut"}', NULL, NULL, 1577836798764, NULL, NULL, 2, 1577836798764, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0mee2pe9p423j982kwe', 'cut', 1, 'shop.book', 'running', 'shop', '{"name":"cut_asked.cut"}', NULL, NULL, 1577836798808, NULL, NULL, 2, 1577836798808, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0npa1dryap56fxssj51', 'cut', 1, 'shop.send', 'running', 'shop', '{"name":"cut_plain.cut"}', NULL, NULL, 1577836798849, NULL, NULL, 2, 1577836798849, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[53]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.53"}}', NULL, 1577836799947, 1577836799947, NULL, 162, 1577836799947, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he09c7a42bxp0sc4n9st0', 'look', 1, 'shop.look', 'succeeded', 'shop', '{"name":"done.look"}', '{"name":"done.look"}', NULL, 1577836798460, 1577836798470, NULL, 0, 1577836798473, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he09c7a42bxp0sc4n9st0', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"done.pay"}', '{"name":"done.pay"}', NULL, 1577836798470, 1577836798481, NULL, 2, 1577836798483, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[1].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.1"}', '{"name":"long.1"}', NULL, 1577836799494, 1577836799509, NULL, 3, 1577836799511, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[2].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.2"}', '{"name":"long.2"}', NULL, 1577836799509, 1577836799520, NULL, 6, 1577836799528, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[4].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.4"}', '{"name":"long.4"}', NULL, 1577836799544, 1577836799552, NULL, 12, 1577836799553, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[6].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.6"}', '{"name":"long.6"}', NULL, 1577836799560, 1577836799568, NULL, 18, 1577836799569, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[8].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.8"}', '{"name":"long.8"}', NULL, 1577836799578, 1577836799586, NULL, 24, 1577836799592, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[10].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.10"}', '{"name":"long.10"}', NULL, 1577836799597, 1577836799606, NULL, 30, 1577836799607, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[12].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.12"}', '{"name":"long.12"}', NULL, 1577836799616, 1577836799629, NULL, 36, 1577836799632, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[14].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.14"}', '{"name":"long.14"}', NULL, 1577836799644, 1577836799652, NULL, 42, 1577836799653, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[16].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.16"}', '{"name":"long.16"}', NULL, 1577836799658, 1577836799677, NULL, 48, 1577836799680, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[18].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.18"}', '{"name":"long.18"}', NULL, 1577836799688, 1577836799696, NULL, 54, 1577836799700, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[20].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.20"}', '{"name":"long.20"}', NULL, 1577836799716, 1577836799722, NULL, 60, 1577836799725, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[22].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.22"}', '{"name":"long.22"}', NULL, 1577836799733, 1577836799744, NULL, 66, 1577836799745, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[24].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.24"}', '{"name":"long.24"}', NULL, 1577836799753, 1577836799764, NULL, 72, 1577836799766, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[26].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.26"}', '{"name":"long.26"}', NULL, 1577836799770, 1577836799782, NULL, 78, 1577836799784, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[28].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.28"}', '{"name":"long.28"}', NULL, 1577836799786, 1577836799792, NULL, 84, 1577836799793, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[30].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.30"}', '{"name":"long.30"}', NULL, 1577836799795, 1577836799801, NULL, 90, 1577836799802, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[32].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.32"}', '{"name":"long.32"}', NULL, 1577836799807, 1577836799810, NULL, 96, 1577836799812, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[34].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.34"}', '{"name":"long.34"}', NULL, 1577836799815, 1577836799822, NULL, 102, 1577836799823, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[3].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.3"}', '{"name":"long.3"}', NULL, 1577836799520, 1577836799544, NULL, 9, 1577836799545, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[5].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.5"}', '{"name":"long.5"}', NULL, 1577836799552, 1577836799560, NULL, 15, 1577836799562, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[7].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.7"}', '{"name":"long.7"}', NULL, 1577836799568, 1577836799578, NULL, 21, 1577836799580, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[9].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.9"}', '{"name":"long.9"}', NULL, 1577836799586, 1577836799597, NULL, 27, 1577836799598, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[11].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.11"}', '{"name":"long.11"}', NULL, 1577836799606, 1577836799616, NULL, 33, 1577836799620, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[13].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.13"}', '{"name":"long.13"}', NULL, 1577836799629, 1577836799644, NULL, 39, 1577836799649, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[15].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.15"}', '{"name":"long.15"}', NULL, 1577836799652, 1577836799658, NULL, 45, 1577836799662, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[17].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.17"}', '{"name":"long.17"}', NULL, 1577836799677, 1577836799688, NULL, 51, 1577836799689, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[19].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.19"}', '{"name":"long.19"}', NULL, 1577836799696, 1577836799716, NULL, 57, 1577836799717, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[21].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.21"}', '{"name":"long.21"}', NULL, 1577836799722, 1577836799733, NULL, 63, 1577836799735, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[23].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.23"}', '{"name":"long.23"}', NULL, 1577836799744, 1577836799753, NULL, 69, 1577836799757, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[25].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.25"}', '{"name":"long.25"}', NULL, 1577836799764, 1577836799770, NULL, 75, 1577836799771, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[27].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.27"}', '{"name":"long.27"}', NULL, 1577836799782, 1577836799786, NULL, 81, 1577836799787, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[29].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.29"}', '{"name":"long.29"}', NULL, 1577836799792, 1577836799795, NULL, 87, 1577836799795, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[31].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.31"}', '{"name":"long.31"}', NULL, 1577836799801, 1577836799807, NULL, 93, 1577836799808, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[33].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.33"}', '{"name":"long.33"}', NULL, 1577836799810, 1577836799815, NULL, 99, 1577836799816, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[35].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.35"}', '{"name":"long.35"}', NULL, 1577836799822, 1577836799830, NULL, 105, 1577836799831, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[37].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.37"}', '{"name":"long.37"}', NULL, 1577836799836, 1577836799842, NULL, 111, 1577836799842, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[39].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.39"}', '{"name":"long.39"}', NULL, 1577836799847, 1577836799860, NULL, 117, 1577836799861, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[52].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.52"}', '{"name":"long.52"}', NULL, 1577836799935, 1577836799942, NULL, 157, 1577836799943, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[54].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.54"}', '{"name":"long.54"}', NULL, 1577836799947, 1577836799949, NULL, 163, 1577836799952, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[45].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.45"}', '{"name":"long.45"}', NULL, 1577836799891, 1577836799897, NULL, 135, 1577836799898, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[47].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.47"}', '{"name":"long.47"}', NULL, 1577836799907, 1577836799910, NULL, 141, 1577836799912, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[49].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.49"}', '{"name":"long.49"}', NULL, 1577836799913, 1577836799920, NULL, 147, 1577836799921, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[50]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.50"}}', NULL, 1577836799924, 1577836799924, NULL, 152, 1577836799924, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0bf4dmbkyjcwws7e8kk', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"refused.pay"}', '{"name":"refused.pay"}', NULL, 1577836798505, 1577836798508, NULL, 0, 1577836798509, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0bf4dmbkyjcwws7e8kk', 'send', 1, 'shop.send', 'failed', 'shop', '{"name":"refused.send"}', NULL, '{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}', 1577836798508, 1577836798512, NULL, 2, 1577836798513, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0cb6w1tbbz16j8be9ry', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"lost.pay"}', '{"name":"lost.pay"}', NULL, 1577836798535, 1577836798544, NULL, 0, 1577836798545, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0cb6w1tbbz16j8be9ry', 'send', 1, 'shop.send', 'uncertain', 'shop', '{"name":"lost.send"}', NULL, '{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}', 1577836798544, 1577836798548, NULL, 2, 1577836798552, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0dj0354rh7vckc34c2m', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"stopped.pay"}', '{"name":"stopped.pay"}', NULL, 1577836798590, 1577836798600, NULL, 0, 1577836798601, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0dj0354rh7vckc34c2m', 's', 1, 'stop', 'succeeded', NULL, NULL, '{"status":"cancelled","message":"enough"}', NULL, 1577836798600, 1577836798600, NULL, 2, 1577836798600, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0fq0at4ym9chm8p9dgd', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"retry.pay"}', '{"name":"retry.pay"}', NULL, 1577836798651, 1577836798662, NULL, 0, 1577836798663, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0fq0at4ym9chm8p9dgd', 'again', 1, 'shop.pay', 'failed', 'shop', '{"name":"retry.again"}', NULL, '{"step":"again","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"retry.yaml:6:23"}', 1577836798662, 1577836798672, NULL, 2, 1577836798674, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0hea7rrgpqvsg40tw4w', 'one', 1, 'till.pay', 'succeeded', 'till', '{"name":"permit.one"}', '{"name":"permit.one"}', NULL, 1577836798710, 1577836798724, NULL, 0, 1577836798725, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0jz2742rr0e6hcn6kxr', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"cut_keyed.pay"}', '{"name":"cut_keyed.pay"}', NULL, 1577836798758, 1577836798764, NULL, 0, 1577836798765, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0mee2pe9p423j982kwe', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"cut_asked.pay"}', '{"name":"cut_asked.pay"}', NULL, 1577836798802, 1577836798808, NULL, 0, 1577836798809, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0npa1dryap56fxssj51', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"cut_plain.pay"}', '{"name":"cut_plain.pay"}', NULL, 1577836798845, 1577836798849, NULL, 0, 1577836798850, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0q462h9ectzgya3jrcj', 'each[0]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"loop.0"}}', NULL, 1577836798900, 1577836798900, NULL, 2, 1577836798900, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0q462h9ectzgya3jrcj', 'each[0].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"loop.0"}', '{"name":"loop.0"}', NULL, 1577836798892, 1577836798900, NULL, 0, 1577836798901, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he0q462h9ectzgya3jrcj', 'each[1]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"loop.1"}}', NULL, 1577836798909, 1577836798909, NULL, 5, 1577836798909, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0q462h9ectzgya3jrcj', 'each[1].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"loop.1"}', '{"name":"loop.1"}', NULL, 1577836798900, 1577836798909, NULL, 3, 1577836798910, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he0q462h9ectzgya3jrcj', 'each[2].pay', 1, 'shop.pay', 'failed', 'shop', '{"name":"loop.2"}', NULL, '{"step":"each[2].pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"loop.yaml:8:25"}', 1577836798909, 1577836798924, NULL, 6, 1577836798927, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0se6k9y2kxxs1y7zerz', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"waits.pay"}', '{"name":"waits.pay"}', NULL, 1577836798963, 1577836798972, NULL, 0, 1577836798976, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0vzabgy9w4drgj0yat4', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"listens.pay"}', '{"name":"listens.pay"}', NULL, 1577836799049, 1577836799065, NULL, 0, 1577836799068, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0zc9mq47s6ts2ftyfwn', 'pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"calls.pay"}', '{"name":"calls.pay"}', NULL, 1577836799147, 1577836799160, NULL, 0, 1577836799161, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he12j678k0zqs79k8pycz', 'pay', 1, 'shop.pay', 'failed', 'shop', '{"name":"turns.pay"}', NULL, '{"step":"pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"turns.yaml:6:21"}', 1577836799316, 1577836799324, NULL, 0, 1577836799326, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he160bzst3cdm544yr2ma', 'both.left.l', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"branches.left"}', '{"name":"branches.left"}', NULL, 1577836799387, 1577836799402, NULL, 2, 1577836799403, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he18hf452rt3dd6bawxx4', 'a', 1, 'shop.pay', 'succeeded', 'shop', '"sealed:v1.0f521c89.XfzIh0mT6NGpAg19l9T2rsidJC816CbIqrmTzvKysFWdnHZ24lphm33u1cOgdsU="', '"sealed:v1.0f521c89.dXqmcAvfbelmDooi7-inOr-nBGsVFL3DkgK3Ps5CgvNGBLqOwMDQGItxGwjkmwY="', NULL, 1577836799446, 1577836799448, NULL, 0, 1577836799449, NULL, NULL, 'inputs,outputs', false);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[0].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.0"}', '{"name":"long.0"}', NULL, 1577836799489, 1577836799494, NULL, 0, 1577836799497, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[0]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.0"}}', NULL, 1577836799494, 1577836799494, NULL, 2, 1577836799494, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[1]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.1"}}', NULL, 1577836799509, 1577836799509, NULL, 5, 1577836799509, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[36].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.36"}', '{"name":"long.36"}', NULL, 1577836799830, 1577836799836, NULL, 108, 1577836799837, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[38].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.38"}', '{"name":"long.38"}', NULL, 1577836799842, 1577836799847, NULL, 114, 1577836799848, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[38]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.38"}}', NULL, 1577836799847, 1577836799847, NULL, 116, 1577836799847, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[40]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.40"}}', NULL, 1577836799867, 1577836799867, NULL, 122, 1577836799867, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[42]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.42"}}', NULL, 1577836799880, 1577836799880, NULL, 128, 1577836799880, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[40].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.40"}', '{"name":"long.40"}', NULL, 1577836799860, 1577836799867, NULL, 120, 1577836799870, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[42].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.42"}', '{"name":"long.42"}', NULL, 1577836799873, 1577836799880, NULL, 126, 1577836799880, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[3]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.3"}}', NULL, 1577836799544, 1577836799544, NULL, 11, 1577836799544, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[5]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.5"}}', NULL, 1577836799560, 1577836799560, NULL, 17, 1577836799560, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[41].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.41"}', '{"name":"long.41"}', NULL, 1577836799867, 1577836799873, NULL, 123, 1577836799874, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[43].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.43"}', '{"name":"long.43"}', NULL, 1577836799880, 1577836799886, NULL, 129, 1577836799887, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[2]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.2"}}', NULL, 1577836799520, 1577836799520, NULL, 8, 1577836799520, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[4]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.4"}}', NULL, 1577836799552, 1577836799552, NULL, 14, 1577836799552, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[7]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.7"}}', NULL, 1577836799578, 1577836799578, NULL, 23, 1577836799578, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[9]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.9"}}', NULL, 1577836799597, 1577836799597, NULL, 29, 1577836799597, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[11]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.11"}}', NULL, 1577836799616, 1577836799616, NULL, 35, 1577836799616, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[13]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.13"}}', NULL, 1577836799644, 1577836799644, NULL, 41, 1577836799644, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[15]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.15"}}', NULL, 1577836799658, 1577836799658, NULL, 47, 1577836799658, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[17]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.17"}}', NULL, 1577836799688, 1577836799688, NULL, 53, 1577836799688, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[19]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.19"}}', NULL, 1577836799716, 1577836799716, NULL, 59, 1577836799716, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[21]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.21"}}', NULL, 1577836799733, 1577836799733, NULL, 65, 1577836799733, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[23]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.23"}}', NULL, 1577836799753, 1577836799753, NULL, 71, 1577836799753, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[25]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.25"}}', NULL, 1577836799770, 1577836799770, NULL, 77, 1577836799770, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[27]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.27"}}', NULL, 1577836799786, 1577836799786, NULL, 83, 1577836799786, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[29]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.29"}}', NULL, 1577836799795, 1577836799795, NULL, 89, 1577836799795, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[31]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.31"}}', NULL, 1577836799807, 1577836799807, NULL, 95, 1577836799807, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[33]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.33"}}', NULL, 1577836799815, 1577836799815, NULL, 101, 1577836799815, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[35]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.35"}}', NULL, 1577836799830, 1577836799830, NULL, 107, 1577836799830, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[37]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.37"}}', NULL, 1577836799842, 1577836799842, NULL, 113, 1577836799842, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[39]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.39"}}', NULL, 1577836799860, 1577836799860, NULL, 119, 1577836799860, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[41]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.41"}}', NULL, 1577836799873, 1577836799873, NULL, 125, 1577836799873, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[43]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.43"}}', NULL, 1577836799886, 1577836799886, NULL, 131, 1577836799886, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[6]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.6"}}', NULL, 1577836799568, 1577836799568, NULL, 20, 1577836799568, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[8]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.8"}}', NULL, 1577836799586, 1577836799586, NULL, 26, 1577836799586, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[10]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.10"}}', NULL, 1577836799606, 1577836799606, NULL, 32, 1577836799606, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[12]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.12"}}', NULL, 1577836799629, 1577836799629, NULL, 38, 1577836799629, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[14]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.14"}}', NULL, 1577836799652, 1577836799652, NULL, 44, 1577836799652, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[16]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.16"}}', NULL, 1577836799677, 1577836799677, NULL, 50, 1577836799677, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[18]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.18"}}', NULL, 1577836799696, 1577836799696, NULL, 56, 1577836799696, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[20]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.20"}}', NULL, 1577836799722, 1577836799722, NULL, 62, 1577836799722, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[22]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.22"}}', NULL, 1577836799744, 1577836799744, NULL, 68, 1577836799744, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[24]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.24"}}', NULL, 1577836799764, 1577836799764, NULL, 74, 1577836799764, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[26]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.26"}}', NULL, 1577836799782, 1577836799782, NULL, 80, 1577836799782, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[28]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.28"}}', NULL, 1577836799792, 1577836799792, NULL, 86, 1577836799792, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[30]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.30"}}', NULL, 1577836799801, 1577836799801, NULL, 92, 1577836799801, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[32]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.32"}}', NULL, 1577836799810, 1577836799810, NULL, 98, 1577836799810, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[34]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.34"}}', NULL, 1577836799822, 1577836799822, NULL, 104, 1577836799822, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[36]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.36"}}', NULL, 1577836799836, 1577836799836, NULL, 110, 1577836799836, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[46]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.46"}}', NULL, 1577836799907, 1577836799907, NULL, 140, 1577836799907, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[48]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.48"}}', NULL, 1577836799913, 1577836799913, NULL, 146, 1577836799913, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[51].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.51"}', '{"name":"long.51"}', NULL, 1577836799924, 1577836799935, NULL, 154, 1577836799936, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[44]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.44"}}', NULL, 1577836799891, 1577836799891, NULL, 134, 1577836799891, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[52]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.52"}}', NULL, 1577836799942, 1577836799942, NULL, 159, 1577836799942, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[53].pay', 1, 'shop.pay', 'succeeded', 'shop', '{"name":"long.53"}', '{"name":"long.53"}', NULL, 1577836799942, 1577836799947, NULL, 160, 1577836799947, NULL, NULL, NULL, true);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[54]', 1, 'iteration', 'succeeded', NULL, NULL, '{"pay":{"name":"long.54"}}', NULL, 1577836799949, 1577836799949, NULL, 165, 1577836799949, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he19p7fdzxy7kv05vnakn', 'each[55].pay', 1, 'shop.pay', 'failed', 'shop', '{"name":"long.55"}', NULL, '{"step":"each[55].pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"long.yaml:8:25"}', 1577836799949, 1577836799954, NULL, 166, 1577836799955, NULL, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he0se6k9y2kxxs1y7zerz', 'w', 1, 'wait', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'its time, at 21:09:43', 2, NULL, 1577836798963, NULL, NULL, false);
INSERT INTO public.steps VALUES ('7ey1x5tcvw14zqwvp5bwyr5k66', 'w', 1, 'wait', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'its time, at 21:09:44', 0, NULL, 1577836799196, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he160bzst3cdm544yr2ma', 'both.right.w', 1, 'wait', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'its time, at 21:09:44', 0, NULL, 1577836799375, NULL, NULL, false);
INSERT INTO public.steps VALUES ('01m82he18hf452rt3dd6bawxx4', 'w', 1, 'wait', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 'its time, at 21:09:44', 2, NULL, 1577836799446, NULL, NULL, false);
INSERT INTO public.subscriptions VALUES ('5a0d0e7a28f38257aa49dff7b5c9631d', '76edf644db3be466d997f2212ccf65da2aa43c8fe49df367a60fbc7ab82ebe59', 'local', 'shop', 'shop.ordered', '{"name":"x"}', 'https://hooks.example/hooks/5a0d0e7a28f38257aa49dff7b5c9631d', NULL, 'pending', NULL, NULL, 1577836799003, 1577836799003, NULL, NULL);
INSERT INTO public.subscriptions VALUES ('6c64a442f9a1569b365911b87dd98120', '4a6aa4a5874ecb15cbb2e67a3179c8ac3312b6c5142061aac03e58afc7237bb5', 'local', 'shop', 'shop.ordered', '{"name":"order"}', 'https://hooks.example/hooks/6c64a442f9a1569b365911b87dd98120', 'v1.0f521c89.6eZMS27K0Kg2UdA1h6n9W_uRjL-JPFzsSxoBXsm6Y9fJ8LW8YQ14', 'active', 'https://shop.example/hooks/1', NULL, 1577836798389, 1577836798395, 1577836798395, NULL);
INSERT INTO public.waits VALUES ('01m82he0vzabgy9w4drgj0yat4', 'w', '5a0d0e7a28f38257aa49dff7b5c9631d');
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
