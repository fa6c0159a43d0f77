BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE audit (
	id TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	owner TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	action TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	detail TEXT, 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
CREATE TABLE bindings (
	flow TEXT NOT NULL, 
	"trigger" TEXT NOT NULL, 
	subscription_id TEXT NOT NULL, 
	CONSTRAINT pk_bindings PRIMARY KEY (flow, "trigger", subscription_id), 
	CONSTRAINT fk_bindings_subscriptions FOREIGN KEY(subscription_id) REFERENCES subscriptions (id) ON DELETE CASCADE
);
INSERT INTO "bindings" VALUES('ordered','ordered','ec89eed3c28ecdfc49ac44d73e3001ae');
CREATE TABLE connections (
	id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	name TEXT NOT NULL, 
	connector TEXT NOT NULL, 
	settings TEXT NOT NULL, 
	secrets TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	health TEXT NOT NULL, 
	health_message TEXT, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	called_at BIGINT, 
	CONSTRAINT pk_connections PRIMARY KEY (id), 
	CONSTRAINT uq_connections_owner_name UNIQUE (owner, name), 
	CONSTRAINT ck_connections_health CHECK (health IN ('unknown', 'ok', 'failed'))
);
INSERT INTO "connections" VALUES('f485894fc4a945876faa3dc0','local','probe','probe','{"base_url":"https://probe.example"}','{"token":"v1.0f521c89.OS0TJjpFWFcKRydl50bqvbHdI96YabJ4wW60G80wnEeCbnaG7NAWkzadsEs_5AY="}','{}','unknown',NULL,1577836799645,1577836799645,NULL);
INSERT INTO "connections" VALUES('59e3ce3b2aedcaffae482570','local','shop','shop','{"base_url":"https://shop.example"}','{"token":"v1.0f521c89.Wkzs9l8G_PyylfwS4PG_Yc5sQ5aXm6GKlHlmvfewOR52XxBz1lwq3DDFoJp78QGkbd1evUMK4PqD"}','{}','ok',NULL,1577836799661,1577836799777,NULL);
INSERT INTO "connections" VALUES('b2b8525bcb8228a96aaf3c5d','local','till','till','{"base_url":"https://shop.example"}','{"token":"v1.0f521c89.l168BEc2H2OX5P_3C3C9RRESue78MMkiV3NLCqVm9mNFQ7s8dGExZQjIg74RSdK1DO3a3PiWepiO"}','{}','ok',NULL,1577836799672,1577836799913,NULL);
CREATE TABLE events (
	id TEXT NOT NULL, 
	subscription_id TEXT, 
	source TEXT NOT NULL, 
	dedupe_key TEXT NOT NULL, 
	received_at BIGINT NOT NULL, 
	body BLOB NOT NULL, 
	event TEXT, 
	outcomes TEXT NOT NULL, 
	stale BOOLEAN NOT NULL, 
	error TEXT, 
	repeats INTEGER NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (id), 
	CONSTRAINT uq_events_subscription_id_dedupe_key UNIQUE (subscription_id, dedupe_key), 
	CONSTRAINT ck_events_source CHECK (source IN ('webhook', 'manual'))
);
INSERT INTO "events" VALUES('01m82he5aa4wf3rx4x7z8n6ryx','ec89eed3c28ecdfc49ac44d73e3001ae','webhook','order 1',1577836799711,X'7B7D','{"name":"order"}','[{"flow":"ordered","digest":"790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247","trigger":"ordered","run_id":"01m82he5aa4ww7bmn9rrpwwgcb","reason":null}]',0,NULL,1);
INSERT INTO "events" VALUES('01m82he5b154qgmcz32c0d6p2e',NULL,'manual','done',1577836799735,X'7B226F72646572223A22646F6E65227D','{"order":"done"}','[{"flow":"done","digest":"7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23","trigger":"manual","run_id":"01m82he5b155cq2m19jng8d5nf","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82he5cx9ff22320vpw60jqc',NULL,'manual','refused',1577836799794,X'7B226F72646572223A2272656675736564227D','{"order":"refused"}','[{"flow":"refused","digest":"7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36","trigger":"manual","run_id":"01m82he5cx9g6hpt5nmpcnffcj","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82he5dj5efbf4es7tvfmcwg',NULL,'manual','lost',1577836799815,X'7B226F72646572223A226C6F7374227D','{"order":"lost"}','[{"flow":"lost","digest":"ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb","trigger":"manual","run_id":"01m82he5dj5ewy0hj280abgfqs","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82he5e99v8nh8748g52zcjt',NULL,'manual','stopped',1577836799840,X'7B226F72646572223A2273746F70706564227D','{"order":"stopped"}','[{"flow":"stopped","digest":"df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5","trigger":"manual","run_id":"01m82he5ea5mjg2r5t6003kcby","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82he5ew9w56c2xep6yx2szz',NULL,'manual','queued',1577836799857,X'7B226F72646572223A22717565756564227D','{"order":"queued"}','[{"flow":"queued","digest":"a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b","trigger":"manual","run_id":"01m82he5ew9x4q3kz44vat56xn","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82he5f66s5ky4hv4x5811dg',NULL,'manual','retry',1577836799867,X'7B226F72646572223A227265747279227D','{"order":"retry"}','[{"flow":"retry","digest":"c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9","trigger":"manual","run_id":"01m82he5f66smvmaa44cz9ngx3","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82he5g43z9sagrcspnraqzg',NULL,'manual','permit',1577836799898,X'7B226F72646572223A227065726D6974227D','{"order":"permit"}','[{"flow":"permit","digest":"1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d","trigger":"manual","run_id":"01m82he5g5d88xjgtay5t8mzwy","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82he5gx3fcv3dzgpa7nn9yv',NULL,'manual','cut_keyed',1577836799923,X'7B226F72646572223A226375745F6B65796564227D','{"order":"cut_keyed"}','[{"flow":"cut_keyed","digest":"787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7","trigger":"manual","run_id":"01m82he5gx3fqhjh5fpe9r5aj5","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82he5j22g8gpznv3hm55zz9',NULL,'manual','cut_asked',1577836799960,X'7B226F72646572223A226375745F61736B6564227D','{"order":"cut_asked"}','[{"flow":"cut_asked","digest":"9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720","trigger":"manual","run_id":"01m82he5j22gkpthhh26sw0yej","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82he5jp2jpq7xz20q88y87q',NULL,'manual','cut_plain',1577836799979,X'7B226F72646572223A226375745F706C61696E227D','{"order":"cut_plain"}','[{"flow":"cut_plain","digest":"3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd","trigger":"manual","run_id":"01m82he5jp2jwgc086wty3c08g","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82he5kb5ewackxtbjca75g7',NULL,'manual','loop',1577836800000,X'7B226F72646572223A226C6F6F70227D','{"order":"loop"}','[{"flow":"loop","digest":"35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb","trigger":"manual","run_id":"01m82he5kb5f9nvsvgcy0bwfg6","reason":null}]',0,NULL,0);
CREATE TABLE flow_versions (
	flow TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	source TEXT NOT NULL, 
	file TEXT NOT NULL, 
	deployed_at BIGINT NOT NULL, 
	CONSTRAINT pk_flow_versions PRIMARY KEY (flow, digest)
);
INSERT INTO "flow_versions" VALUES('ordered','790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247','id: ordered
name: Ordered
connections: {shop: shop}
triggers: [{id: ordered, uses: shop.ordered, connection: shop, with: {name: order}}]
steps:
  - {id: pay, uses: shop.pay, with: {name: ordered.pay}}
','ordered.yaml',1577836799684);
INSERT INTO "flow_versions" VALUES('done','7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23','id: done
name: Done
connections: {shop: shop}
steps:
  - {id: look, uses: shop.look, with: {name: done.look}}
  - {id: pay, uses: shop.pay, with: {name: done.pay}}
','done.yaml',1577836799728);
INSERT INTO "flow_versions" VALUES('refused','7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36','id: refused
name: Refused
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: refused.pay}}
  - {id: send, uses: shop.send, with: {name: refused.send}}
','refused.yaml',1577836799790);
INSERT INTO "flow_versions" VALUES('lost','ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb','id: lost
name: Lost
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: lost.pay}}
  - {id: send, uses: shop.send, with: {name: lost.send}}
','lost.yaml',1577836799814);
INSERT INTO "flow_versions" VALUES('stopped','df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5','id: stopped
name: Stopped
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: stopped.pay}}
  - {id: s, stop: {status: cancelled, message: enough}}
','stopped.yaml',1577836799837);
INSERT INTO "flow_versions" VALUES('queued','a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b','id: queued
name: Queued
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: queued.pay}}
','queued.yaml',1577836799853);
INSERT INTO "flow_versions" VALUES('retry','c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9','id: retry
name: Retry
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: retry.pay}}
  - {id: again, uses: shop.pay, with: {name: retry.again}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
  - {id: last, uses: shop.pay, with: {name: retry.last}}
','retry.yaml',1577836799864);
INSERT INTO "flow_versions" VALUES('permit','1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d','id: permit
name: Permit
connections: {till: till}
steps:
  - {id: one, uses: till.pay, with: {name: permit.one}}
  - {id: two, uses: till.pay, with: {name: permit.two}}
','permit.yaml',1577836799897);
INSERT INTO "flow_versions" VALUES('cut_keyed','787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7','id: cut_keyed
name: Cut_Keyed
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_keyed.pay}}
  - {id: cut, uses: shop.pay, with: {name: cut_keyed.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_keyed.last}}
','cut_keyed.yaml',1577836799920);
INSERT INTO "flow_versions" VALUES('cut_asked','9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720','id: cut_asked
name: Cut_Asked
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_asked.pay}}
  - {id: cut, uses: shop.book, with: {name: cut_asked.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_asked.last}}
','cut_asked.yaml',1577836799954);
INSERT INTO "flow_versions" VALUES('cut_plain','3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd','id: cut_plain
name: Cut_Plain
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_plain.pay}}
  - {id: cut, uses: shop.send, with: {name: cut_plain.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_plain.last}}
','cut_plain.yaml',1577836799976);
INSERT INTO "flow_versions" VALUES('loop','35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb','id: loop
name: Loop
connections: {shop: shop}
steps:
  - id: each
    foreach: "[0, 1, 2, 3]"
    steps:
      - {id: pay, uses: shop.pay, with: {name: "loop.{{ item }}"}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
','loop.yaml',1577836799998);
CREATE TABLE flows (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	digest TEXT NOT NULL, 
	deployed_at BIGINT NOT NULL, 
	CONSTRAINT pk_flows PRIMARY KEY (id), 
	CONSTRAINT fk_flows_flow_versions FOREIGN KEY(id, digest) REFERENCES flow_versions (flow, digest)
);
INSERT INTO "flows" VALUES('ordered','Ordered','local',1,'790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247',1577836799685);
INSERT INTO "flows" VALUES('done','Done','local',1,'7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23',1577836799729);
INSERT INTO "flows" VALUES('refused','Refused','local',1,'7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36',1577836799791);
INSERT INTO "flows" VALUES('lost','Lost','local',1,'ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb',1577836799814);
INSERT INTO "flows" VALUES('stopped','Stopped','local',1,'df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5',1577836799837);
INSERT INTO "flows" VALUES('queued','Queued','local',1,'a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b',1577836799853);
INSERT INTO "flows" VALUES('retry','Retry','local',1,'c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9',1577836799864);
INSERT INTO "flows" VALUES('permit','Permit','local',1,'1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d',1577836799897);
INSERT INTO "flows" VALUES('cut_keyed','Cut_Keyed','local',1,'787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7',1577836799920);
INSERT INTO "flows" VALUES('cut_asked','Cut_Asked','local',1,'9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720',1577836799954);
INSERT INTO "flows" VALUES('cut_plain','Cut_Plain','local',1,'3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd',1577836799976);
INSERT INTO "flows" VALUES('loop','Loop','local',1,'35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb',1577836799998);
CREATE TABLE owners (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_owners PRIMARY KEY (id)
);
INSERT INTO "owners" VALUES('local','This installation',1577836799619);
CREATE TABLE runs (
	id TEXT NOT NULL, 
	flow TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	status TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	inputs TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	due_at BIGINT, 
	started_at BIGINT, 
	ended_at BIGINT, 
	outputs TEXT, 
	error TEXT, 
	message TEXT, 
	waiting_for TEXT, 
	claim_no INTEGER NOT NULL, 
	cancel_requested BOOLEAN NOT NULL, 
	changes INTEGER NOT NULL, 
	CONSTRAINT pk_runs PRIMARY KEY (id), 
	CONSTRAINT fk_runs_events FOREIGN KEY(event_id) REFERENCES events (id), 
	CONSTRAINT fk_runs_flow_versions FOREIGN KEY(flow, digest) REFERENCES flow_versions (flow, digest), 
	CONSTRAINT ck_runs_status CHECK (status IN ('queued', 'running', 'parked', 'succeeded', 'failed', 'uncertain', 'cancelled')), 
	CONSTRAINT ck_runs_due_while_active CHECK ((due_at IS NULL) = (status IN ('cancelled', 'failed', 'succeeded', 'uncertain')))
);
INSERT INTO "runs" VALUES('01m82he5aa4ww7bmn9rrpwwgcb','ordered','790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247','local','queued','01m82he5aa4wf3rx4x7z8n6ryx','{}',1577836799711,1577836803022,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0);
INSERT INTO "runs" VALUES('01m82he5b155cq2m19jng8d5nf','done','7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23','local','succeeded','01m82he5b154qgmcz32c0d6p2e','{}',1577836799735,NULL,1577836799741,1577836799781,'{}',NULL,NULL,NULL,1,0,4);
INSERT INTO "runs" VALUES('01m82he5cx9g6hpt5nmpcnffcj','refused','7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36','local','failed','01m82he5cx9ff22320vpw60jqc','{}',1577836799794,NULL,1577836799797,1577836799808,NULL,'{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}',NULL,NULL,1,0,4);
INSERT INTO "runs" VALUES('01m82he5dj5ewy0hj280abgfqs','lost','ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb','local','uncertain','01m82he5dj5efbf4es7tvfmcwg','{}',1577836799815,NULL,1577836799824,1577836799833,NULL,'{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}',NULL,NULL,1,0,4);
INSERT INTO "runs" VALUES('01m82he5ea5mjg2r5t6003kcby','stopped','df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5','local','cancelled','01m82he5e99v8nh8748g52zcjt','{}',1577836799840,NULL,1577836799841,1577836799847,NULL,NULL,'enough',NULL,1,0,3);
INSERT INTO "runs" VALUES('01m82he5ew9x4q3kz44vat56xn','queued','a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b','local','queued','01m82he5ew9w56c2xep6yx2szz','{}',1577836799857,1577836803022,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0);
INSERT INTO "runs" VALUES('01m82he5f66smvmaa44cz9ngx3','retry','c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9','local','parked','01m82he5f66s5ky4hv4x5811dg','{}',1577836799867,1577836859889,1577836799871,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:09:48',1,0,5);
INSERT INTO "runs" VALUES('01m82he5g5d88xjgtay5t8mzwy','permit','1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d','local','parked','01m82he5g43z9sagrcspnraqzg','{}',1577836799898,1577840399115,1577836799899,NULL,NULL,NULL,NULL,'till/till 1/3600s until 00:59:59',1,0,3);
INSERT INTO "runs" VALUES('01m82he5gx3fqhjh5fpe9r5aj5','cut_keyed','787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7','local','running','01m82he5gx3fcv3dzgpa7nn9yv','{}',1577836799923,1577836809944,1577836799926,NULL,NULL,NULL,NULL,NULL,1,0,3);
INSERT INTO "runs" VALUES('01m82he5j22gkpthhh26sw0yej','cut_asked','9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720','local','running','01m82he5j22g8gpznv3hm55zz9','{}',1577836799960,1577836809972,1577836799963,NULL,NULL,NULL,NULL,NULL,1,0,3);
INSERT INTO "runs" VALUES('01m82he5jp2jwgc086wty3c08g','cut_plain','3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd','local','running','01m82he5jp2jpq7xz20q88y87q','{}',1577836799979,1577836809992,1577836799983,NULL,NULL,NULL,NULL,NULL,1,0,3);
INSERT INTO "runs" VALUES('01m82he5kb5f9nvsvgcy0bwfg6','loop','35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb','local','parked','01m82he5kb5ewackxtbjca75g7','{}',1577836800000,1577836860014,1577836800003,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:09:48',1,0,7);
CREATE TABLE steps (
	run_id TEXT NOT NULL, 
	path TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	uses TEXT NOT NULL, 
	status TEXT NOT NULL, 
	connection TEXT, 
	given TEXT, 
	output TEXT, 
	error TEXT, 
	started_at BIGINT, 
	ended_at BIGINT, 
	waiting_for TEXT, 
	position INTEGER NOT NULL, 
	called_at BIGINT, 
	CONSTRAINT pk_steps PRIMARY KEY (run_id, path, attempt), 
	CONSTRAINT fk_steps_runs FOREIGN KEY(run_id) REFERENCES runs (id), 
	CONSTRAINT ck_steps_status CHECK (status IN ('running', 'waiting', 'succeeded', 'failed', 'skipped', 'uncertain', 'cancelled')), 
	CONSTRAINT ck_steps_open_until_ended CHECK ((ended_at IS NULL) = (status IN ('running', 'waiting')))
);
INSERT INTO "steps" VALUES('01m82he5b155cq2m19jng8d5nf','look',1,'shop.look','succeeded','shop','{"name":"done.look"}','{"name":"done.look"}',NULL,1577836799751,1577836799765,NULL,0,1577836799767);
INSERT INTO "steps" VALUES('01m82he5b155cq2m19jng8d5nf','pay',1,'shop.pay','succeeded','shop','{"name":"done.pay"}','{"name":"done.pay"}',NULL,1577836799765,1577836799781,NULL,2,1577836799781);
INSERT INTO "steps" VALUES('01m82he5cx9g6hpt5nmpcnffcj','pay',1,'shop.pay','succeeded','shop','{"name":"refused.pay"}','{"name":"refused.pay"}',NULL,1577836799803,1577836799807,NULL,0,1577836799807);
INSERT INTO "steps" VALUES('01m82he5cx9g6hpt5nmpcnffcj','send',1,'shop.send','failed','shop','{"name":"refused.send"}',NULL,'{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}',1577836799807,1577836799808,NULL,2,1577836799808);
INSERT INTO "steps" VALUES('01m82he5dj5ewy0hj280abgfqs','pay',1,'shop.pay','succeeded','shop','{"name":"lost.pay"}','{"name":"lost.pay"}',NULL,1577836799829,1577836799831,NULL,0,1577836799832);
INSERT INTO "steps" VALUES('01m82he5dj5ewy0hj280abgfqs','send',1,'shop.send','uncertain','shop','{"name":"lost.send"}',NULL,'{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}',1577836799831,1577836799833,NULL,2,1577836799833);
INSERT INTO "steps" VALUES('01m82he5ea5mjg2r5t6003kcby','pay',1,'shop.pay','succeeded','shop','{"name":"stopped.pay"}','{"name":"stopped.pay"}',NULL,1577836799845,1577836799847,NULL,0,1577836799847);
INSERT INTO "steps" VALUES('01m82he5ea5mjg2r5t6003kcby','s',1,'stop','succeeded',NULL,NULL,'{"status":"cancelled","message":"enough"}',NULL,1577836799847,1577836799847,NULL,2,1577836799847);
INSERT INTO "steps" VALUES('01m82he5f66smvmaa44cz9ngx3','pay',1,'shop.pay','succeeded','shop','{"name":"retry.pay"}','{"name":"retry.pay"}',NULL,1577836799876,1577836799880,NULL,0,1577836799881);
INSERT INTO "steps" VALUES('01m82he5f66smvmaa44cz9ngx3','again',1,'shop.pay','failed','shop','{"name":"retry.again"}',NULL,'{"step":"again","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"retry.yaml:6:23"}',1577836799880,1577836799889,NULL,2,1577836799889);
INSERT INTO "steps" VALUES('01m82he5f66smvmaa44cz9ngx3','again',2,'shop.pay','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:09:48',4,NULL);
INSERT INTO "steps" VALUES('01m82he5g5d88xjgtay5t8mzwy','one',1,'till.pay','succeeded','till','{"name":"permit.one"}','{"name":"permit.one"}',NULL,1577836799909,1577836799916,NULL,0,1577836799916);
INSERT INTO "steps" VALUES('01m82he5g5d88xjgtay5t8mzwy','two',1,'till.pay','waiting','till','{"name":"permit.two"}',NULL,NULL,NULL,NULL,'till/till 1/3600s until 00:59:59',2,NULL);
INSERT INTO "steps" VALUES('01m82he5gx3fqhjh5fpe9r5aj5','pay',1,'shop.pay','succeeded','shop','{"name":"cut_keyed.pay"}','{"name":"cut_keyed.pay"}',NULL,1577836799937,1577836799944,NULL,0,1577836799944);
INSERT INTO "steps" VALUES('01m82he5gx3fqhjh5fpe9r5aj5','cut',1,'shop.pay','running','shop','{"name":"cut_keyed.cut"}',NULL,NULL,1577836799944,NULL,NULL,2,1577836799944);
INSERT INTO "steps" VALUES('01m82he5j22gkpthhh26sw0yej','pay',1,'shop.pay','succeeded','shop','{"name":"cut_asked.pay"}','{"name":"cut_asked.pay"}',NULL,1577836799969,1577836799972,NULL,0,1577836799972);
INSERT INTO "steps" VALUES('01m82he5j22gkpthhh26sw0yej','cut',1,'shop.book','running','shop','{"name":"cut_asked.cut"}',NULL,NULL,1577836799972,NULL,NULL,2,1577836799972);
INSERT INTO "steps" VALUES('01m82he5jp2jwgc086wty3c08g','pay',1,'shop.pay','succeeded','shop','{"name":"cut_plain.pay"}','{"name":"cut_plain.pay"}',NULL,1577836799989,1577836799992,NULL,0,1577836799992);
INSERT INTO "steps" VALUES('01m82he5jp2jwgc086wty3c08g','cut',1,'shop.send','running','shop','{"name":"cut_plain.cut"}',NULL,NULL,1577836799992,NULL,NULL,2,1577836799992);
INSERT INTO "steps" VALUES('01m82he5kb5f9nvsvgcy0bwfg6','each[0].pay',1,'shop.pay','succeeded','shop','{"name":"loop.0"}','{"name":"loop.0"}',NULL,1577836800009,1577836800010,NULL,0,1577836800011);
INSERT INTO "steps" VALUES('01m82he5kb5f9nvsvgcy0bwfg6','each[1].pay',1,'shop.pay','succeeded','shop','{"name":"loop.1"}','{"name":"loop.1"}',NULL,1577836800010,1577836800012,NULL,2,1577836800012);
INSERT INTO "steps" VALUES('01m82he5kb5f9nvsvgcy0bwfg6','each[2].pay',1,'shop.pay','failed','shop','{"name":"loop.2"}',NULL,'{"step":"each[2].pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"loop.yaml:8:25"}',1577836800012,1577836800014,NULL,4,1577836800014);
INSERT INTO "steps" VALUES('01m82he5kb5f9nvsvgcy0bwfg6','each[2].pay',2,'shop.pay','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:09:48',6,NULL);
CREATE TABLE subscriptions (
	id TEXT NOT NULL, 
	identity TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	connection TEXT NOT NULL, 
	uses TEXT NOT NULL, 
	given TEXT NOT NULL, 
	callback_url TEXT NOT NULL, 
	signing_key TEXT, 
	state TEXT NOT NULL, 
	remote_uri TEXT, 
	detail TEXT, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	checked_at BIGINT, 
	locked_until BIGINT, 
	CONSTRAINT pk_subscriptions PRIMARY KEY (id), 
	CONSTRAINT uq_subscriptions_identity UNIQUE (identity), 
	CONSTRAINT ck_subscriptions_state CHECK (state IN ('pending', 'active', 'failed', 'removing'))
);
INSERT INTO "subscriptions" VALUES('ec89eed3c28ecdfc49ac44d73e3001ae','4a6aa4a5874ecb15cbb2e67a3179c8ac3312b6c5142061aac03e58afc7237bb5','local','shop','shop.ordered','{"name":"order"}','https://hooks.example/hooks/ec89eed3c28ecdfc49ac44d73e3001ae','v1.0f521c89.PCrAwPCR-oaOliwS-b6bw2jZwJZG3Slzet5CeiR6Nnt71nbFwjVt','active','https://shop.example/hooks/1',NULL,1577836799691,1577836799703,1577836799703,NULL);
CREATE TABLE tokens (
	id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	name TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	used_at BIGINT, 
	CONSTRAINT pk_tokens PRIMARY KEY (id), 
	CONSTRAINT fk_tokens_owners FOREIGN KEY(owner) REFERENCES owners (id), 
	CONSTRAINT uq_tokens_digest UNIQUE (digest)
);
CREATE INDEX ix_bindings_subscription ON bindings (subscription_id);
CREATE INDEX ix_events_time ON events (received_at, id);
CREATE INDEX ix_runs_time ON runs (created_at, id);
CREATE INDEX ix_runs_status ON runs (status, created_at, id);
CREATE INDEX ix_runs_flow ON runs (flow, status, created_at, id);
CREATE INDEX ix_runs_due ON runs (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_steps_called ON steps (connection, called_at);
CREATE INDEX ix_steps_open ON steps (connection) WHERE ended_at IS NULL;
CREATE INDEX ix_tokens_owner ON tokens (owner);
CREATE INDEX ix_audit_time ON audit (at, id);
COMMIT;
