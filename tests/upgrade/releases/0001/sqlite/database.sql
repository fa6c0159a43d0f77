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
INSERT INTO "bindings" VALUES('ordered','ordered','3837a9718cc0623bdea3f748c6e599bc');
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
INSERT INTO "connections" VALUES('20ad56a42adf8c892c3b7001','local','probe','probe','{"base_url":"https://probe.example"}','{"token":"v1.0f521c89.ulmnemtnsKZ2uJjB5xY3Is1BiLnt4vmLeu0Al1Uwa7ReskCLGO21p0GTEvBIi8A="}','{}','unknown',NULL,1577836799903,1577836799903,NULL);
INSERT INTO "connections" VALUES('eccb1f004746eff0a8bf8b18','local','shop','shop','{"base_url":"https://shop.example"}','{"token":"v1.0f521c89.oTBx3O16jydT5FdRd_ic0JpdfkEOSSZMLa7hH1afwXk0H773bBWLHWtcgS3JYY--mQM4Lp0T2vqU"}','{}','ok',NULL,1577836799905,1577836799932,NULL);
INSERT INTO "connections" VALUES('aaba9f73e22b560f7fe941f6','local','till','till','{"base_url":"https://shop.example"}','{"token":"v1.0f521c89.DPK3gOCnEcgyab9LBgO8zaQpUKYyFejXG54TuoZcoxl4mF8xKFREL4kvcMwALG4aVeD5JMw55bkU"}','{}','ok',NULL,1577836799906,1577836799975,NULL);
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
INSERT INTO "events" VALUES('01m82gpv4n2fjk4606bsadbhav','3837a9718cc0623bdea3f748c6e599bc','webhook','order 1',1577836799914,X'7B7D','{"name":"order"}','[{"flow":"ordered","digest":"790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247","trigger":"ordered","run_id":"01m82gpv4n2ghy0gsxd8p7g2p9","reason":null}]',0,NULL,1);
INSERT INTO "events" VALUES('01m82gpv4t68eeeqtcty0a3wjv',NULL,'manual','done',1577836799920,X'7B226F72646572223A22646F6E65227D','{"order":"done"}','[{"flow":"done","digest":"7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23","trigger":"manual","run_id":"01m82gpv4t69e2g1xmweddsykn","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gpv5carazwaqeqtk31ew7',NULL,'manual','refused',1577836799937,X'7B226F72646572223A2272656675736564227D','{"order":"refused"}','[{"flow":"refused","digest":"7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36","trigger":"manual","run_id":"01m82gpv5cark6menz3q1nkwas","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gpv5m2tsycdsv8dp91pkw',NULL,'manual','lost',1577836799946,X'7B226F72646572223A226C6F7374227D','{"order":"lost"}','[{"flow":"lost","digest":"ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb","trigger":"manual","run_id":"01m82gpv5n015tmdt7wfxenqgs","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gpv5w0z231gq3tm8nr0e8',NULL,'manual','stopped',1577836799954,X'7B226F72646572223A2273746F70706564227D','{"order":"stopped"}','[{"flow":"stopped","digest":"df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5","trigger":"manual","run_id":"01m82gpv5w0zr50pggejyq1g4n","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gpv63dcc8f1rmv7mqqe6s',NULL,'manual','queued',1577836799960,X'7B226F72646572223A22717565756564227D','{"order":"queued"}','[{"flow":"queued","digest":"a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b","trigger":"manual","run_id":"01m82gpv63dd3j4779p84s5s41","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gpv66bx8rm5pnbv2b4588',NULL,'manual','retry',1577836799963,X'7B226F72646572223A227265747279227D','{"order":"retry"}','[{"flow":"retry","digest":"c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9","trigger":"manual","run_id":"01m82gpv66bxpmv7fn867vcdmf","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gpv6e857wyc16xt78zzet',NULL,'manual','permit',1577836799971,X'7B226F72646572223A227065726D6974227D','{"order":"permit"}','[{"flow":"permit","digest":"1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d","trigger":"manual","run_id":"01m82gpv6e858k43cjw5hmwejx","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gpv6p1qg7kpqyxx2vq727',NULL,'manual','cut_keyed',1577836799979,X'7B226F72646572223A226375745F6B65796564227D','{"order":"cut_keyed"}','[{"flow":"cut_keyed","digest":"787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7","trigger":"manual","run_id":"01m82gpv6p1qs11gws1hxexeaz","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gpv6w6tc5x518dp15ptwd',NULL,'manual','cut_asked',1577836799985,X'7B226F72646572223A226375745F61736B6564227D','{"order":"cut_asked"}','[{"flow":"cut_asked","digest":"9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720","trigger":"manual","run_id":"01m82gpv6w6thk1vw41jwkfnf0","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gpv731erxpq71amyrj37n',NULL,'manual','cut_plain',1577836799992,X'7B226F72646572223A226375745F706C61696E227D','{"order":"cut_plain"}','[{"flow":"cut_plain","digest":"3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd","trigger":"manual","run_id":"01m82gpv731f5j3xym6b1k59jm","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gpv7b7vys3e6aymvnfcq7',NULL,'manual','loop',1577836800000,X'7B226F72646572223A226C6F6F70227D','{"order":"loop"}','[{"flow":"loop","digest":"35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb","trigger":"manual","run_id":"01m82gpv7b7wty4dxty0fz6srx","reason":null}]',0,NULL,0);
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
','ordered.yaml',1577836799909);
INSERT INTO "flow_versions" VALUES('done','7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23','id: done
name: Done
connections: {shop: shop}
steps:
  - {id: look, uses: shop.look, with: {name: done.look}}
  - {id: pay, uses: shop.pay, with: {name: done.pay}}
','done.yaml',1577836799919);
INSERT INTO "flow_versions" VALUES('refused','7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36','id: refused
name: Refused
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: refused.pay}}
  - {id: send, uses: shop.send, with: {name: refused.send}}
','refused.yaml',1577836799936);
INSERT INTO "flow_versions" VALUES('lost','ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb','id: lost
name: Lost
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: lost.pay}}
  - {id: send, uses: shop.send, with: {name: lost.send}}
','lost.yaml',1577836799945);
INSERT INTO "flow_versions" VALUES('stopped','df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5','id: stopped
name: Stopped
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: stopped.pay}}
  - {id: s, stop: {status: cancelled, message: enough}}
','stopped.yaml',1577836799953);
INSERT INTO "flow_versions" VALUES('queued','a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b','id: queued
name: Queued
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: queued.pay}}
','queued.yaml',1577836799959);
INSERT INTO "flow_versions" VALUES('retry','c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9','id: retry
name: Retry
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: retry.pay}}
  - {id: again, uses: shop.pay, with: {name: retry.again}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
  - {id: last, uses: shop.pay, with: {name: retry.last}}
','retry.yaml',1577836799962);
INSERT INTO "flow_versions" VALUES('permit','1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d','id: permit
name: Permit
connections: {till: till}
steps:
  - {id: one, uses: till.pay, with: {name: permit.one}}
  - {id: two, uses: till.pay, with: {name: permit.two}}
','permit.yaml',1577836799971);
INSERT INTO "flow_versions" VALUES('cut_keyed','787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7','id: cut_keyed
name: Cut_Keyed
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_keyed.pay}}
  - {id: cut, uses: shop.pay, with: {name: cut_keyed.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_keyed.last}}
','cut_keyed.yaml',1577836799978);
INSERT INTO "flow_versions" VALUES('cut_asked','9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720','id: cut_asked
name: Cut_Asked
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_asked.pay}}
  - {id: cut, uses: shop.book, with: {name: cut_asked.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_asked.last}}
','cut_asked.yaml',1577836799985);
INSERT INTO "flow_versions" VALUES('cut_plain','3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd','id: cut_plain
name: Cut_Plain
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_plain.pay}}
  - {id: cut, uses: shop.send, with: {name: cut_plain.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_plain.last}}
','cut_plain.yaml',1577836799992);
INSERT INTO "flow_versions" VALUES('loop','35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb','id: loop
name: Loop
connections: {shop: shop}
steps:
  - id: each
    foreach: "[0, 1, 2, 3]"
    steps:
      - {id: pay, uses: shop.pay, with: {name: "loop.{{ item }}"}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
','loop.yaml',1577836800000);
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
INSERT INTO "flows" VALUES('ordered','Ordered','local',1,'790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247',1577836799910);
INSERT INTO "flows" VALUES('done','Done','local',1,'7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23',1577836799919);
INSERT INTO "flows" VALUES('refused','Refused','local',1,'7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36',1577836799936);
INSERT INTO "flows" VALUES('lost','Lost','local',1,'ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb',1577836799945);
INSERT INTO "flows" VALUES('stopped','Stopped','local',1,'df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5',1577836799953);
INSERT INTO "flows" VALUES('queued','Queued','local',1,'a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b',1577836799960);
INSERT INTO "flows" VALUES('retry','Retry','local',1,'c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9',1577836799962);
INSERT INTO "flows" VALUES('permit','Permit','local',1,'1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d',1577836799971);
INSERT INTO "flows" VALUES('cut_keyed','Cut_Keyed','local',1,'787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7',1577836799978);
INSERT INTO "flows" VALUES('cut_asked','Cut_Asked','local',1,'9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720',1577836799985);
INSERT INTO "flows" VALUES('cut_plain','Cut_Plain','local',1,'3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd',1577836799992);
INSERT INTO "flows" VALUES('loop','Loop','local',1,'35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb',1577836800000);
CREATE TABLE owners (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_owners PRIMARY KEY (id)
);
INSERT INTO "owners" VALUES('local','This installation',1577836799894);
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
INSERT INTO "runs" VALUES('01m82gpv4n2ghy0gsxd8p7g2p9','ordered','790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247','local','queued','01m82gpv4n2fjk4606bsadbhav','{}',1577836799914,1577836799914,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0);
INSERT INTO "runs" VALUES('01m82gpv4t69e2g1xmweddsykn','done','7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23','local','succeeded','01m82gpv4t68eeeqtcty0a3wjv','{}',1577836799920,NULL,1577836799922,1577836799933,'{}',NULL,NULL,NULL,1,0,4);
INSERT INTO "runs" VALUES('01m82gpv5cark6menz3q1nkwas','refused','7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36','local','failed','01m82gpv5carazwaqeqtk31ew7','{}',1577836799937,NULL,1577836799938,1577836799943,NULL,'{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}',NULL,NULL,1,0,4);
INSERT INTO "runs" VALUES('01m82gpv5n015tmdt7wfxenqgs','lost','ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb','local','uncertain','01m82gpv5m2tsycdsv8dp91pkw','{}',1577836799946,NULL,1577836799947,1577836799951,NULL,'{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}',NULL,NULL,1,0,4);
INSERT INTO "runs" VALUES('01m82gpv5w0zr50pggejyq1g4n','stopped','df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5','local','cancelled','01m82gpv5w0z231gq3tm8nr0e8','{}',1577836799954,NULL,1577836799954,1577836799958,NULL,NULL,'enough',NULL,1,0,3);
INSERT INTO "runs" VALUES('01m82gpv63dd3j4779p84s5s41','queued','a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b','local','queued','01m82gpv63dcc8f1rmv7mqqe6s','{}',1577836799960,1577836799960,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0);
INSERT INTO "runs" VALUES('01m82gpv66bxpmv7fn867vcdmf','retry','c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9','local','parked','01m82gpv66bx8rm5pnbv2b4588','{}',1577836799963,1577836859969,1577836799964,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 20:57:04',1,0,5);
INSERT INTO "runs" VALUES('01m82gpv6e858k43cjw5hmwejx','permit','1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d','local','parked','01m82gpv6e857wyc16xt78zzet','{}',1577836799971,1577840399176,1577836799972,NULL,NULL,NULL,NULL,'till/till 1/3600s until 01:00:00',1,0,3);
INSERT INTO "runs" VALUES('01m82gpv6p1qs11gws1hxexeaz','cut_keyed','787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7','local','running','01m82gpv6p1qg7kpqyxx2vq727','{}',1577836799979,1577836809983,1577836799980,NULL,NULL,NULL,NULL,NULL,1,0,3);
INSERT INTO "runs" VALUES('01m82gpv6w6thk1vw41jwkfnf0','cut_asked','9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720','local','running','01m82gpv6w6tc5x518dp15ptwd','{}',1577836799985,1577836809990,1577836799986,NULL,NULL,NULL,NULL,NULL,1,0,3);
INSERT INTO "runs" VALUES('01m82gpv731f5j3xym6b1k59jm','cut_plain','3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd','local','running','01m82gpv731erxpq71amyrj37n','{}',1577836799992,1577836809996,1577836799993,NULL,NULL,NULL,NULL,NULL,1,0,3);
INSERT INTO "runs" VALUES('01m82gpv7b7wty4dxty0fz6srx','loop','35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb','local','parked','01m82gpv7b7vys3e6aymvnfcq7','{}',1577836800000,1577836860007,1577836800001,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 20:57:04',1,0,7);
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
INSERT INTO "steps" VALUES('01m82gpv4t69e2g1xmweddsykn','look',1,'shop.look','succeeded','shop','{"name":"done.look"}','{"name":"done.look"}',NULL,1577836799927,1577836799930,NULL,0,1577836799931);
INSERT INTO "steps" VALUES('01m82gpv4t69e2g1xmweddsykn','pay',1,'shop.pay','succeeded','shop','{"name":"done.pay"}','{"name":"done.pay"}',NULL,1577836799930,1577836799933,NULL,2,1577836799933);
INSERT INTO "steps" VALUES('01m82gpv5cark6menz3q1nkwas','pay',1,'shop.pay','succeeded','shop','{"name":"refused.pay"}','{"name":"refused.pay"}',NULL,1577836799940,1577836799942,NULL,0,1577836799942);
INSERT INTO "steps" VALUES('01m82gpv5cark6menz3q1nkwas','send',1,'shop.send','failed','shop','{"name":"refused.send"}',NULL,'{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}',1577836799942,1577836799943,NULL,2,1577836799943);
INSERT INTO "steps" VALUES('01m82gpv5n015tmdt7wfxenqgs','pay',1,'shop.pay','succeeded','shop','{"name":"lost.pay"}','{"name":"lost.pay"}',NULL,1577836799949,1577836799950,NULL,0,1577836799950);
INSERT INTO "steps" VALUES('01m82gpv5n015tmdt7wfxenqgs','send',1,'shop.send','uncertain','shop','{"name":"lost.send"}',NULL,'{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}',1577836799950,1577836799951,NULL,2,1577836799951);
INSERT INTO "steps" VALUES('01m82gpv5w0zr50pggejyq1g4n','pay',1,'shop.pay','succeeded','shop','{"name":"stopped.pay"}','{"name":"stopped.pay"}',NULL,1577836799957,1577836799958,NULL,0,1577836799958);
INSERT INTO "steps" VALUES('01m82gpv5w0zr50pggejyq1g4n','s',1,'stop','succeeded',NULL,NULL,'{"status":"cancelled","message":"enough"}',NULL,1577836799958,1577836799958,NULL,2,1577836799958);
INSERT INTO "steps" VALUES('01m82gpv66bxpmv7fn867vcdmf','pay',1,'shop.pay','succeeded','shop','{"name":"retry.pay"}','{"name":"retry.pay"}',NULL,1577836799966,1577836799967,NULL,0,1577836799967);
INSERT INTO "steps" VALUES('01m82gpv66bxpmv7fn867vcdmf','again',1,'shop.pay','failed','shop','{"name":"retry.again"}',NULL,'{"step":"again","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"retry.yaml:6:23"}',1577836799967,1577836799969,NULL,2,1577836799969);
INSERT INTO "steps" VALUES('01m82gpv66bxpmv7fn867vcdmf','again',2,'shop.pay','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 20:57:04',4,NULL);
INSERT INTO "steps" VALUES('01m82gpv6e858k43cjw5hmwejx','one',1,'till.pay','succeeded','till','{"name":"permit.one"}','{"name":"permit.one"}',NULL,1577836799974,1577836799976,NULL,0,1577836799976);
INSERT INTO "steps" VALUES('01m82gpv6e858k43cjw5hmwejx','two',1,'till.pay','waiting','till','{"name":"permit.two"}',NULL,NULL,NULL,NULL,'till/till 1/3600s until 01:00:00',2,NULL);
INSERT INTO "steps" VALUES('01m82gpv6p1qs11gws1hxexeaz','pay',1,'shop.pay','succeeded','shop','{"name":"cut_keyed.pay"}','{"name":"cut_keyed.pay"}',NULL,1577836799982,1577836799983,NULL,0,1577836799983);
INSERT INTO "steps" VALUES('01m82gpv6p1qs11gws1hxexeaz','cut',1,'shop.pay','running','shop','{"name":"cut_keyed.cut"}',NULL,NULL,1577836799983,NULL,NULL,2,1577836799983);
INSERT INTO "steps" VALUES('01m82gpv6w6thk1vw41jwkfnf0','pay',1,'shop.pay','succeeded','shop','{"name":"cut_asked.pay"}','{"name":"cut_asked.pay"}',NULL,1577836799989,1577836799990,NULL,0,1577836799990);
INSERT INTO "steps" VALUES('01m82gpv6w6thk1vw41jwkfnf0','cut',1,'shop.book','running','shop','{"name":"cut_asked.cut"}',NULL,NULL,1577836799990,NULL,NULL,2,1577836799990);
INSERT INTO "steps" VALUES('01m82gpv731f5j3xym6b1k59jm','pay',1,'shop.pay','succeeded','shop','{"name":"cut_plain.pay"}','{"name":"cut_plain.pay"}',NULL,1577836799995,1577836799996,NULL,0,1577836799997);
INSERT INTO "steps" VALUES('01m82gpv731f5j3xym6b1k59jm','cut',1,'shop.send','running','shop','{"name":"cut_plain.cut"}',NULL,NULL,1577836799996,NULL,NULL,2,1577836799996);
INSERT INTO "steps" VALUES('01m82gpv7b7wty4dxty0fz6srx','each[0].pay',1,'shop.pay','succeeded','shop','{"name":"loop.0"}','{"name":"loop.0"}',NULL,1577836800004,1577836800005,NULL,0,1577836800005);
INSERT INTO "steps" VALUES('01m82gpv7b7wty4dxty0fz6srx','each[1].pay',1,'shop.pay','succeeded','shop','{"name":"loop.1"}','{"name":"loop.1"}',NULL,1577836800005,1577836800006,NULL,2,1577836800006);
INSERT INTO "steps" VALUES('01m82gpv7b7wty4dxty0fz6srx','each[2].pay',1,'shop.pay','failed','shop','{"name":"loop.2"}',NULL,'{"step":"each[2].pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"loop.yaml:8:25"}',1577836800006,1577836800007,NULL,4,1577836800007);
INSERT INTO "steps" VALUES('01m82gpv7b7wty4dxty0fz6srx','each[2].pay',2,'shop.pay','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 20:57:04',6,NULL);
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
INSERT INTO "subscriptions" VALUES('3837a9718cc0623bdea3f748c6e599bc','4a6aa4a5874ecb15cbb2e67a3179c8ac3312b6c5142061aac03e58afc7237bb5','local','shop','shop.ordered','{"name":"order"}','https://hooks.example/hooks/3837a9718cc0623bdea3f748c6e599bc','v1.0f521c89.A2NPFzhSYsCa-gFVsmgwYcV6PmDN-_iPS0tWUZ3y09VLAoPa7XEu','active','https://shop.example/hooks/1',NULL,1577836799911,1577836799912,1577836799912,NULL);
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
