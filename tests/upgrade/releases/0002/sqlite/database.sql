BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
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
	subscription_id TEXT NOT NULL, purpose TEXT DEFAULT 'start' NOT NULL, 
	CONSTRAINT pk_bindings PRIMARY KEY (flow, "trigger", subscription_id), 
	CONSTRAINT fk_bindings_subscriptions FOREIGN KEY(subscription_id) REFERENCES subscriptions (id) ON DELETE CASCADE
);
INSERT INTO "bindings" VALUES('ordered','ordered','c4bbb16d73884aaa6ff3c216ba3efdf0','start');
INSERT INTO "bindings" VALUES('listens','wait:w','2506972d48dee0bcfb58fbb8a1fcd5fc','wait');
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
INSERT INTO "connections" VALUES('3eb2cfa69bfcebd423aca01a','local','probe','probe','{"base_url":"https://probe.example"}','{"token":"v1.0f521c89.LkxRcRC6vaHbtaEzdIcziffUyMXbpvXxZT7Xn4G4T9VmPnW3rpMLKn3gy01n1iI="}','{}','unknown',NULL,1577836798189,1577836798189,NULL);
INSERT INTO "connections" VALUES('e82c925a1bfee38d1de3234b','local','shop','shop','{"base_url":"https://shop.example"}','{"token":"v1.0f521c89.dmUEkj-lri74b2OEYprPA2dXRairM4i5mhlS8Drwf-ZOKuhqQXjHeeeqoGtT5u9qhhpOAgCWyn_o"}','{}','ok',NULL,1577836798192,1577836798376,NULL);
INSERT INTO "connections" VALUES('74f215cdb20b2658728510f3','local','till','till','{"base_url":"https://shop.example"}','{"token":"v1.0f521c89.eHf_XNUcMogZyuOwFXbMo7VyP0adS4BUIsFDL0-FPlPtPWcwtiQUs4uECVSz9h6uZtO3cviTYhYO"}','{}','ok',NULL,1577836798212,1577836798716,NULL);
CREATE TABLE "events" (
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
	CONSTRAINT ck_events_source CHECK (source IN ('webhook', 'manual', 'schedule', 'flow'))
);
INSERT INTO "events" VALUES('01m82hdtaf52vxx6v53fyn3x7c','c4bbb16d73884aaa6ff3c216ba3efdf0','webhook','order 1',1577836798272,X'7B7D','{"name":"order"}','[{"flow":"ordered","digest":"790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247","trigger":"ordered","run_id":"01m82hdtaf539y43s72y9j7e02","reason":null}]',0,NULL,1);
INSERT INTO "events" VALUES('01m82hdtbd1zgpbztb3yrwsekc',NULL,'manual','done',1577836798302,X'7B226F72646572223A22646F6E65227D','{"order":"done"}','[{"flow":"done","digest":"7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23","trigger":"manual","run_id":"01m82hdtbd209j7fat7e7fw15v","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdtet51qkx03t63h5s2jm',NULL,'manual','refused',1577836798411,X'7B226F72646572223A2272656675736564227D','{"order":"refused"}','[{"flow":"refused","digest":"7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36","trigger":"manual","run_id":"01m82hdtet526643qbn5dyefbf","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdth37532jzaz1wkpq8m7',NULL,'manual','lost',1577836798484,X'7B226F72646572223A226C6F7374227D','{"order":"lost"}','[{"flow":"lost","digest":"ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb","trigger":"manual","run_id":"01m82hdth375d8k32qjerhq979","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdtk26g1s5yyhnmh5fjkj',NULL,'manual','stopped',1577836798547,X'7B226F72646572223A2273746F70706564227D','{"order":"stopped"}','[{"flow":"stopped","digest":"df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5","trigger":"manual","run_id":"01m82hdtk26gnjw8tx1k02qa66","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdtmt3mcya9zhnp9hj7g5',NULL,'manual','queued',1577836798603,X'7B226F72646572223A22717565756564227D','{"order":"queued"}','[{"flow":"queued","digest":"a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b","trigger":"manual","run_id":"01m82hdtmt3mxttz131cxq89ms","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdtnq6ta26da9za9md119',NULL,'manual','retry',1577836798633,X'7B226F72646572223A227265747279227D','{"order":"retry"}','[{"flow":"retry","digest":"c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9","trigger":"manual","run_id":"01m82hdtnrcx3hgh5mjgh83mhr","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdtqf07jxcrryb5tqzb89',NULL,'manual','permit',1577836798688,X'7B226F72646572223A227065726D6974227D','{"order":"permit"}','[{"flow":"permit","digest":"1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d","trigger":"manual","run_id":"01m82hdtqf07tpcsfq9m54z07k","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdtsa728g294jkqafxmv7',NULL,'manual','cut_keyed',1577836798747,X'7B226F72646572223A226375745F6B65796564227D','{"order":"cut_keyed"}','[{"flow":"cut_keyed","digest":"787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7","trigger":"manual","run_id":"01m82hdtsa72s4hbm81487nn6f","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdttdfs8793dntee3myc7',NULL,'manual','cut_asked',1577836798782,X'7B226F72646572223A226375745F61736B6564227D','{"order":"cut_asked"}','[{"flow":"cut_asked","digest":"9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720","trigger":"manual","run_id":"01m82hdttdfsr61wgrn7n43t0k","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdtvp47nbw3066h45z7ey',NULL,'manual','cut_plain',1577836798823,X'7B226F72646572223A226375745F706C61696E227D','{"order":"cut_plain"}','[{"flow":"cut_plain","digest":"3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd","trigger":"manual","run_id":"01m82hdtvp485h6wyqjnhd7x69","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdtx88949dsn2jd029hw0',NULL,'manual','loop',1577836798873,X'7B226F72646572223A226C6F6F70227D','{"order":"loop"}','[{"flow":"loop","digest":"35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb","trigger":"manual","run_id":"01m82hdtx8896cfyp1e7abhtw2","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdtzefp5vf977jakzewmv',NULL,'manual','waits',1577836798943,X'7B226F72646572223A227761697473227D','{"order":"waits"}','[{"flow":"waits","digest":"800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04","trigger":"manual","run_id":"01m82hdtzefpvkwdxt93pev9yb","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdv23dq8j9hdkce30b6n5',NULL,'manual','listens',1577836799028,X'7B226F72646572223A226C697374656E73227D','{"order":"listens"}','[{"flow":"listens","digest":"1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1","trigger":"manual","run_id":"01m82hdv23dqp34rg61mymcrc0","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdv9p44s0apns1azmpjt5',NULL,'manual','called_off',1577836799271,X'7B226F72646572223A2263616C6C65645F6F6666227D','{"order":"called_off"}','[{"flow":"called_off","digest":"2281e6423acac5c36a8b14049cd1f4214b24fc3ab111e7f3aaf7dd9b4513601f","trigger":"manual","run_id":"01m82hdv9p456kayd6q6nh5rtx","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdvam3y2g785yxj9avv4w',NULL,'manual','calls',1577836799301,X'7B226F72646572223A2263616C6C73227D','{"order":"calls"}','[{"flow":"calls","digest":"1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900","trigger":"manual","run_id":"01m82hdvam3yd0b9e1dr47tc9v","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('5cntq4xjafk6h4ymhv2qbj4y9r',NULL,'flow','01m82hdvam3yd0b9e1dr47tc9v:sub',1577836799327,X'7B7D','{"event":"flow","payload":{},"created_at":"2026-11-22T21:08:38.382000Z","created_by":"calls"}','[{"flow":"callee","digest":"c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f","trigger":"flow","run_id":"17mb00kg17zdb748n0jke519je","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdvd0d3wx1c95wm0yvpky',NULL,'manual','turns 1',1577836799377,X'7B226F72646572223A227475726E732031227D','{"order":"turns 1"}','[{"flow":"turns","digest":"d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec","trigger":"manual","run_id":"01m82hdvd0d3zfg7nxnk91e959","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdvdd1mtc53pcddzd78fg',NULL,'manual','turns 2',1577836799391,X'7B226F72646572223A227475726E732032227D','{"order":"turns 2"}','[{"flow":"turns","digest":"d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec","trigger":"manual","run_id":"01m82hdvde8ry4pka5a9by26tr","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdveyce0yegt3d657dxkb',NULL,'manual','branches',1577836799439,X'7B226F72646572223A226272616E63686573227D','{"order":"branches"}','[{"flow":"branches","digest":"b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c","trigger":"manual","run_id":"01m82hdveyceqsnhpdz4ydt0dw","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdvhm4hck0n91mrnvhydw',NULL,'manual','secret',1577836799525,X'7B226F72646572223A22736563726574227D','{"order":"secret"}','[{"flow":"secret","digest":"6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09","trigger":"manual","run_id":"01m82hdvhm4j4qfnrx8v3kevss","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdvk0d7r9vmqfvwd69tkm',NULL,'manual','long',1577836799570,X'7B226F72646572223A226C6F6E67227D','{"order":"long"}','[{"flow":"long","digest":"7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41","trigger":"manual","run_id":"01m82hdvk0d842s2rbkmwc8tb6","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82hdw0f0bq2n45x76nzybyv','schedule:nightly:night','schedule','1795381718000',1577836800000,X'7B7D','{"slot":1795381718000}','[{"flow":"nightly","digest":"d036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d","trigger":"night","run_id":"01m82hdw0f0c2vs5psj9dwnp0b","reason":null}]',0,NULL,0);
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
','ordered.yaml',1577836798222);
INSERT INTO "flow_versions" VALUES('done','7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23','id: done
name: Done
connections: {shop: shop}
steps:
  - {id: look, uses: shop.look, with: {name: done.look}}
  - {id: pay, uses: shop.pay, with: {name: done.pay}}
','done.yaml',1577836798292);
INSERT INTO "flow_versions" VALUES('refused','7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36','id: refused
name: Refused
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: refused.pay}}
  - {id: send, uses: shop.send, with: {name: refused.send}}
','refused.yaml',1577836798397);
INSERT INTO "flow_versions" VALUES('lost','ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb','id: lost
name: Lost
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: lost.pay}}
  - {id: send, uses: shop.send, with: {name: lost.send}}
','lost.yaml',1577836798480);
INSERT INTO "flow_versions" VALUES('stopped','df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5','id: stopped
name: Stopped
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: stopped.pay}}
  - {id: s, stop: {status: cancelled, message: enough}}
','stopped.yaml',1577836798537);
INSERT INTO "flow_versions" VALUES('queued','a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b','id: queued
name: Queued
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: queued.pay}}
','queued.yaml',1577836798593);
INSERT INTO "flow_versions" VALUES('retry','c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9','id: retry
name: Retry
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: retry.pay}}
  - {id: again, uses: shop.pay, with: {name: retry.again}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
  - {id: last, uses: shop.pay, with: {name: retry.last}}
','retry.yaml',1577836798614);
INSERT INTO "flow_versions" VALUES('permit','1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d','id: permit
name: Permit
connections: {till: till}
steps:
  - {id: one, uses: till.pay, with: {name: permit.one}}
  - {id: two, uses: till.pay, with: {name: permit.two}}
','permit.yaml',1577836798681);
INSERT INTO "flow_versions" VALUES('cut_keyed','787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7','id: cut_keyed
name: Cut_Keyed
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_keyed.pay}}
  - {id: cut, uses: shop.pay, with: {name: cut_keyed.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_keyed.last}}
','cut_keyed.yaml',1577836798734);
INSERT INTO "flow_versions" VALUES('cut_asked','9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720','id: cut_asked
name: Cut_Asked
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_asked.pay}}
  - {id: cut, uses: shop.book, with: {name: cut_asked.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_asked.last}}
','cut_asked.yaml',1577836798776);
INSERT INTO "flow_versions" VALUES('cut_plain','3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd','id: cut_plain
name: Cut_Plain
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_plain.pay}}
  - {id: cut, uses: shop.send, with: {name: cut_plain.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_plain.last}}
','cut_plain.yaml',1577836798817);
INSERT INTO "flow_versions" VALUES('loop','35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb','id: loop
name: Loop
connections: {shop: shop}
steps:
  - id: each
    foreach: "[0, 1, 2, 3]"
    steps:
      - {id: pay, uses: shop.pay, with: {name: "loop.{{ item }}"}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
','loop.yaml',1577836798865);
INSERT INTO "flow_versions" VALUES('waits','800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04','id: waits
name: Waits
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: waits.pay}}
  - {id: w, wait: {for: 1m}}
  - {id: last, uses: shop.pay, with: {name: waits.last}}
','waits.yaml',1577836798938);
INSERT INTO "flow_versions" VALUES('listens','1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1','id: listens
name: Listens
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: listens.pay}}
  - {id: w, wait: {event: {uses: shop.ordered, with: {name: x}}}}
  - {id: last, uses: shop.pay, with: {name: ''listens.{{ steps.w.output.name }}''}}
','listens.yaml',1577836798981);
INSERT INTO "flow_versions" VALUES('called_off','2281e6423acac5c36a8b14049cd1f4214b24fc3ab111e7f3aaf7dd9b4513601f','id: called_off
name: Called_Off
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: called_off.pay}}
','called_off.yaml',1577836799261);
INSERT INTO "flow_versions" VALUES('callee','c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f','id: callee
name: Callee
connections: {shop: shop}
steps:
  - {id: w, wait: {for: 1m}}
  - {id: pay, uses: shop.pay, with: {name: callee.pay}}
','callee.yaml',1577836799285);
INSERT INTO "flow_versions" VALUES('calls','1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900','id: calls
name: Calls
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: calls.pay}}
  - {id: sub, flow: callee}
  - {id: last, uses: shop.pay, with: {name: calls.last}}
','calls.yaml',1577836799292);
INSERT INTO "flow_versions" VALUES('turns','d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec','id: turns
name: Turns
connections: {shop: shop}
concurrency: {limit: 1}
steps:
  - {id: pay, uses: shop.pay, with: {name: turns.pay}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
','turns.yaml',1577836799364);
INSERT INTO "flow_versions" VALUES('branches','b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c','id: branches
name: Branches
connections: {shop: shop}
steps:
  - id: both
    parallel:
      left: [{id: l, uses: shop.pay, with: {name: branches.left}}]
      right: [{id: w, wait: {for: 1m}}, {id: r, uses: shop.pay, with: {name: branches.right}}]
','branches.yaml',1577836799433);
INSERT INTO "flow_versions" VALUES('secret','6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09','id: secret
name: Secret
connections: {shop: shop}
steps:
  - {id: a, uses: shop.pay, with: {name: secret.a}, secure: [inputs, outputs]}
  - {id: w, wait: {for: 1m}}
  - {id: b, uses: shop.pay, with: {name: ''secret.{{ steps.a.output.name }}''}}
','secret.yaml',1577836799516);
INSERT INTO "flow_versions" VALUES('long','7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41','id: long
name: Long
connections: {shop: shop}
steps:
  - id: each
    foreach: "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59]"
    steps:
      - {id: pay, uses: shop.pay, with: {name: "long.{{ item }}"}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
','long.yaml',1577836799554);
INSERT INTO "flow_versions" VALUES('nightly','d036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d','id: nightly
name: Nightly
connections: {shop: shop}
triggers: [{id: night, uses: schedule.cron, with: {cron: ''0 3 * * *''}}]
steps:
  - {id: pay, uses: shop.pay, with: {name: nightly.pay}}
','nightly.yaml',1577836799980);
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
INSERT INTO "flows" VALUES('ordered','Ordered','local',1,'790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247',1577836798232);
INSERT INTO "flows" VALUES('done','Done','local',1,'7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23',1577836798292);
INSERT INTO "flows" VALUES('refused','Refused','local',1,'7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36',1577836798397);
INSERT INTO "flows" VALUES('lost','Lost','local',1,'ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb',1577836798480);
INSERT INTO "flows" VALUES('stopped','Stopped','local',1,'df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5',1577836798537);
INSERT INTO "flows" VALUES('queued','Queued','local',1,'a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b',1577836798593);
INSERT INTO "flows" VALUES('retry','Retry','local',1,'c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9',1577836798622);
INSERT INTO "flows" VALUES('permit','Permit','local',1,'1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d',1577836798681);
INSERT INTO "flows" VALUES('cut_keyed','Cut_Keyed','local',1,'787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7',1577836798734);
INSERT INTO "flows" VALUES('cut_asked','Cut_Asked','local',1,'9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720',1577836798776);
INSERT INTO "flows" VALUES('cut_plain','Cut_Plain','local',1,'3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd',1577836798817);
INSERT INTO "flows" VALUES('loop','Loop','local',1,'35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb',1577836798865);
INSERT INTO "flows" VALUES('waits','Waits','local',1,'800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04',1577836798938);
INSERT INTO "flows" VALUES('listens','Listens','local',1,'1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1',1577836799013);
INSERT INTO "flows" VALUES('called_off','Called_Off','local',1,'2281e6423acac5c36a8b14049cd1f4214b24fc3ab111e7f3aaf7dd9b4513601f',1577836799261);
INSERT INTO "flows" VALUES('callee','Callee','local',1,'c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f',1577836799285);
INSERT INTO "flows" VALUES('calls','Calls','local',1,'1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900',1577836799292);
INSERT INTO "flows" VALUES('turns','Turns','local',1,'d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec',1577836799364);
INSERT INTO "flows" VALUES('branches','Branches','local',1,'b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c',1577836799433);
INSERT INTO "flows" VALUES('secret','Secret','local',1,'6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09',1577836799516);
INSERT INTO "flows" VALUES('long','Long','local',1,'7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41',1577836799554);
INSERT INTO "flows" VALUES('nightly','Nightly','local',1,'d036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d',1577836799980);
CREATE TABLE heard (
	run_id TEXT NOT NULL, 
	path TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	taken BOOLEAN NOT NULL, 
	CONSTRAINT pk_heard PRIMARY KEY (run_id, path, event_id)
);
CREATE TABLE owners (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_owners PRIMARY KEY (id)
);
INSERT INTO "owners" VALUES('local','This installation',1577836798118);
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
	changes INTEGER NOT NULL, parent_run TEXT, parent_path TEXT, parent_waits BOOLEAN DEFAULT 0 NOT NULL, depth INTEGER DEFAULT 0 NOT NULL, lane TEXT, lane_limit INTEGER, held BOOLEAN DEFAULT 0 NOT NULL, woken BOOLEAN DEFAULT 0 NOT NULL, has_waits BOOLEAN DEFAULT 0 NOT NULL, trigger_item TEXT, trigger_index INTEGER, 
	CONSTRAINT pk_runs PRIMARY KEY (id), 
	CONSTRAINT fk_runs_events FOREIGN KEY(event_id) REFERENCES events (id), 
	CONSTRAINT fk_runs_flow_versions FOREIGN KEY(flow, digest) REFERENCES flow_versions (flow, digest), 
	CONSTRAINT ck_runs_status CHECK (status IN ('queued', 'running', 'parked', 'succeeded', 'failed', 'uncertain', 'cancelled')), 
	CONSTRAINT ck_runs_due_while_active CHECK ((due_at IS NULL) = (status IN ('cancelled', 'failed', 'succeeded', 'uncertain')))
);
INSERT INTO "runs" VALUES('01m82hdtaf539y43s72y9j7e02','ordered','790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247','local','queued','01m82hdtaf52vxx6v53fyn3x7c','{}',1577836798272,1577836803009,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdtbd209j7fat7e7fw15v','done','7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23','local','succeeded','01m82hdtbd1zgpbztb3yrwsekc','{}',1577836798302,NULL,1577836798321,1577836798382,'{}',NULL,NULL,NULL,1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdtet526643qbn5dyefbf','refused','7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36','local','failed','01m82hdtet51qkx03t63h5s2jm','{}',1577836798411,NULL,1577836798420,1577836798459,NULL,'{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}',NULL,NULL,1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdth375d8k32qjerhq979','lost','ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb','local','uncertain','01m82hdth37532jzaz1wkpq8m7','{}',1577836798484,NULL,1577836798500,1577836798529,NULL,'{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}',NULL,NULL,1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdtk26gnjw8tx1k02qa66','stopped','df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5','local','cancelled','01m82hdtk26g1s5yyhnmh5fjkj','{}',1577836798547,NULL,1577836798555,1577836798583,NULL,NULL,'enough',NULL,1,0,3,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdtmt3mxttz131cxq89ms','queued','a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b','local','queued','01m82hdtmt3mcya9zhnp9hj7g5','{}',1577836798603,1577836803009,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdtnrcx3hgh5mjgh83mhr','retry','c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9','local','parked','01m82hdtnq6ta26da9za9md119','{}',1577836798633,1577836858664,1577836798636,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:09:37',1,0,5,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdtqf07tpcsfq9m54z07k','permit','1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d','local','parked','01m82hdtqf07jxcrryb5tqzb89','{}',1577836798688,1577840397917,1577836798700,NULL,NULL,NULL,NULL,'till/till 1/3600s until 00:59:59',1,0,3,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdtsa72s4hbm81487nn6f','cut_keyed','787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7','local','running','01m82hdtsa728g294jkqafxmv7','{}',1577836798747,1577836808767,1577836798751,NULL,NULL,NULL,NULL,NULL,1,0,3,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdttdfsr61wgrn7n43t0k','cut_asked','9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720','local','running','01m82hdttdfs8793dntee3myc7','{}',1577836798782,1577836808804,1577836798785,NULL,NULL,NULL,NULL,NULL,1,0,3,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdtvp485h6wyqjnhd7x69','cut_plain','3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd','local','running','01m82hdtvp47nbw3066h45z7ey','{}',1577836798823,1577836808852,1577836798831,NULL,NULL,NULL,NULL,NULL,1,0,3,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdtx8896cfyp1e7abhtw2','loop','35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb','local','parked','01m82hdtx88949dsn2jd029hw0','{}',1577836798873,1577836858928,1577836798886,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:09:37',1,0,9,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdtzefpvkwdxt93pev9yb','waits','800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04','local','parked','01m82hdtzefp5vf977jakzewmv','{}',1577836798943,1577836858968,1577836798952,NULL,NULL,NULL,NULL,'its time, at 21:09:38',1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdv23dqp34rg61mymcrc0','listens','1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1','local','parked','01m82hdv23dq8j9hdkce30b6n5','{}',1577836799028,1577923199249,1577836799031,NULL,NULL,NULL,NULL,'an event of shop.ordered on shop/shop',1,0,3,NULL,NULL,0,0,NULL,NULL,0,0,1,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdv9p456kayd6q6nh5rtx','called_off','2281e6423acac5c36a8b14049cd1f4214b24fc3ab111e7f3aaf7dd9b4513601f','local','cancelled','01m82hdv9p44s0apns1azmpjt5','{}',1577836799271,NULL,NULL,1577836799963,NULL,NULL,'cancelled by request',NULL,0,1,0,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdvam3yd0b9e1dr47tc9v','calls','1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900','local','parked','01m82hdvam3y2g785yxj9avv4w','{}',1577836799301,1577837399344,1577836799305,NULL,NULL,NULL,NULL,'the flow callee',1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('17mb00kg17zdb748n0jke519je','callee','c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f','local','parked','5cntq4xjafk6h4ymhv2qbj4y9r','{}',1577836799327,1577836859358,1577836799350,NULL,NULL,NULL,NULL,'its time, at 21:09:38',1,0,2,'01m82hdvam3yd0b9e1dr47tc9v','sub',1,1,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdvd0d3zfg7nxnk91e959','turns','d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec','local','parked','01m82hdvd0d3wx1c95wm0yvpky','{}',1577836799377,1577836859428,1577836799407,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:09:38',1,0,3,NULL,NULL,0,0,'turns:null',1,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdvde8ry4pka5a9by26tr','turns','d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec','local','queued','01m82hdvdd1mtc53pcddzd78fg','{}',1577836799391,253402300799000,NULL,NULL,NULL,NULL,NULL,'its turn: at most 1 run at a time with this concurrency key',0,0,0,NULL,NULL,0,0,'turns:null',1,1,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdveyceqsnhpdz4ydt0dw','branches','b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c','local','parked','01m82hdveyce0yegt3d657dxkb','{}',1577836799439,1577836859511,1577836799446,NULL,NULL,NULL,NULL,'its time, at 21:09:38',1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdvhm4j4qfnrx8v3kevss','secret','6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09','local','parked','01m82hdvhm4hck0n91mrnvhydw','{}',1577836799525,1577836859543,1577836799535,NULL,NULL,NULL,NULL,'its time, at 21:09:38',1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdvk0d842s2rbkmwc8tb6','long','7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41','local','parked','01m82hdvk0d7r9vmqfvwd69tkm','{}',1577836799570,1577836859960,1577836799576,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:09:39',1,0,169,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82hdw0f0c2vs5psj9dwnp0b','nightly','d036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d','local','queued','01m82hdw0f0bq2n45x76nzybyv','{}',1577836800000,1577836803009,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
CREATE TABLE schedules (
	flow TEXT NOT NULL, 
	"trigger" TEXT NOT NULL, 
	uses TEXT NOT NULL, 
	given TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	next_at BIGINT, 
	last_slot BIGINT, 
	CONSTRAINT pk_schedules PRIMARY KEY (flow, "trigger")
);
INSERT INTO "schedules" VALUES('nightly','night','schedule.cron','{"cron":"0 3 * * *"}','local',1577923198945,1577836798945);
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
	called_at BIGINT, begun_at BIGINT, cut TEXT, secure TEXT, folded BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_steps PRIMARY KEY (run_id, path, attempt), 
	CONSTRAINT fk_steps_runs FOREIGN KEY(run_id) REFERENCES runs (id), 
	CONSTRAINT ck_steps_status CHECK (status IN ('running', 'waiting', 'succeeded', 'failed', 'skipped', 'uncertain', 'cancelled')), 
	CONSTRAINT ck_steps_open_until_ended CHECK ((ended_at IS NULL) = (status IN ('running', 'waiting')))
);
INSERT INTO "steps" VALUES('01m82hdtbd209j7fat7e7fw15v','look',1,'shop.look','succeeded','shop','{"name":"done.look"}','{"name":"done.look"}',NULL,1577836798338,1577836798368,NULL,0,1577836798370,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtbd209j7fat7e7fw15v','pay',1,'shop.pay','succeeded','shop','{"name":"done.pay"}','{"name":"done.pay"}',NULL,1577836798368,1577836798382,NULL,2,1577836798382,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtet526643qbn5dyefbf','pay',1,'shop.pay','succeeded','shop','{"name":"refused.pay"}','{"name":"refused.pay"}',NULL,1577836798425,1577836798444,NULL,0,1577836798444,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtet526643qbn5dyefbf','send',1,'shop.send','failed','shop','{"name":"refused.send"}',NULL,'{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}',1577836798444,1577836798459,NULL,2,1577836798459,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdth375d8k32qjerhq979','pay',1,'shop.pay','succeeded','shop','{"name":"lost.pay"}','{"name":"lost.pay"}',NULL,1577836798513,1577836798526,NULL,0,1577836798526,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdth375d8k32qjerhq979','send',1,'shop.send','uncertain','shop','{"name":"lost.send"}',NULL,'{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}',1577836798526,1577836798529,NULL,2,1577836798529,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtk26gnjw8tx1k02qa66','pay',1,'shop.pay','succeeded','shop','{"name":"stopped.pay"}','{"name":"stopped.pay"}',NULL,1577836798575,1577836798583,NULL,0,1577836798583,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtk26gnjw8tx1k02qa66','s',1,'stop','succeeded',NULL,NULL,'{"status":"cancelled","message":"enough"}',NULL,1577836798583,1577836798583,NULL,2,1577836798583,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtnrcx3hgh5mjgh83mhr','pay',1,'shop.pay','succeeded','shop','{"name":"retry.pay"}','{"name":"retry.pay"}',NULL,1577836798648,1577836798656,NULL,0,1577836798656,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtnrcx3hgh5mjgh83mhr','again',1,'shop.pay','failed','shop','{"name":"retry.again"}',NULL,'{"step":"again","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"retry.yaml:6:23"}',1577836798656,1577836798664,NULL,2,1577836798664,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtnrcx3hgh5mjgh83mhr','again',2,'shop.pay','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:09:37',4,NULL,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtqf07tpcsfq9m54z07k','one',1,'till.pay','succeeded','till','{"name":"permit.one"}','{"name":"permit.one"}',NULL,1577836798709,1577836798728,NULL,0,1577836798729,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtqf07tpcsfq9m54z07k','two',1,'till.pay','waiting','till','{"name":"permit.two"}',NULL,NULL,NULL,NULL,'till/till 1/3600s until 00:59:59',2,NULL,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtsa72s4hbm81487nn6f','pay',1,'shop.pay','succeeded','shop','{"name":"cut_keyed.pay"}','{"name":"cut_keyed.pay"}',NULL,1577836798761,1577836798767,NULL,0,1577836798768,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtsa72s4hbm81487nn6f','cut',1,'shop.pay','running','shop','{"name":"cut_keyed.cut"}',NULL,NULL,1577836798767,NULL,NULL,2,1577836798767,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdttdfsr61wgrn7n43t0k','pay',1,'shop.pay','succeeded','shop','{"name":"cut_asked.pay"}','{"name":"cut_asked.pay"}',NULL,1577836798800,1577836798804,NULL,0,1577836798805,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdttdfsr61wgrn7n43t0k','cut',1,'shop.book','running','shop','{"name":"cut_asked.cut"}',NULL,NULL,1577836798804,NULL,NULL,2,1577836798804,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtvp485h6wyqjnhd7x69','pay',1,'shop.pay','succeeded','shop','{"name":"cut_plain.pay"}','{"name":"cut_plain.pay"}',NULL,1577836798838,1577836798852,NULL,0,1577836798852,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtvp485h6wyqjnhd7x69','cut',1,'shop.send','running','shop','{"name":"cut_plain.cut"}',NULL,NULL,1577836798852,NULL,NULL,2,1577836798852,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtx8896cfyp1e7abhtw2','each[0].pay',1,'shop.pay','succeeded','shop','{"name":"loop.0"}','{"name":"loop.0"}',NULL,1577836798903,1577836798910,NULL,0,1577836798910,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdtx8896cfyp1e7abhtw2','each[0]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"loop.0"}}',NULL,1577836798910,1577836798910,NULL,2,1577836798910,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtx8896cfyp1e7abhtw2','each[1].pay',1,'shop.pay','succeeded','shop','{"name":"loop.1"}','{"name":"loop.1"}',NULL,1577836798910,1577836798924,NULL,3,1577836798924,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdtx8896cfyp1e7abhtw2','each[1]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"loop.1"}}',NULL,1577836798924,1577836798924,NULL,5,1577836798924,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtx8896cfyp1e7abhtw2','each[2].pay',1,'shop.pay','failed','shop','{"name":"loop.2"}',NULL,'{"step":"each[2].pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"loop.yaml:8:25"}',1577836798924,1577836798928,NULL,6,1577836798928,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtx8896cfyp1e7abhtw2','each[2].pay',2,'shop.pay','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:09:37',8,NULL,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtzefpvkwdxt93pev9yb','pay',1,'shop.pay','succeeded','shop','{"name":"waits.pay"}','{"name":"waits.pay"}',NULL,1577836798960,1577836798968,NULL,0,1577836798968,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdtzefpvkwdxt93pev9yb','w',1,'wait','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'its time, at 21:09:38',2,NULL,1577836798960,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdv23dqp34rg61mymcrc0','pay',1,'shop.pay','succeeded','shop','{"name":"listens.pay"}','{"name":"listens.pay"}',NULL,1577836799040,1577836799060,NULL,0,1577836799233,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdv23dqp34rg61mymcrc0','w',1,'wait','waiting',NULL,'{"uses":"shop.ordered","with":{"name":"x"}}',NULL,NULL,NULL,NULL,'an event of shop.ordered on shop/shop',2,NULL,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdvam3yd0b9e1dr47tc9v','pay',1,'shop.pay','succeeded','shop','{"name":"calls.pay"}','{"name":"calls.pay"}',NULL,1577836799308,1577836799327,NULL,0,1577836799328,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdvam3yd0b9e1dr47tc9v','sub',1,'flow callee','waiting',NULL,'{}',NULL,NULL,NULL,NULL,'the flow callee',2,NULL,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('17mb00kg17zdb748n0jke519je','w',1,'wait','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'its time, at 21:09:38',0,NULL,1577836799350,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdvd0d3zfg7nxnk91e959','pay',1,'shop.pay','failed','shop','{"name":"turns.pay"}',NULL,'{"step":"pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"turns.yaml:6:21"}',1577836799418,1577836799428,NULL,0,1577836799429,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdvd0d3zfg7nxnk91e959','pay',2,'shop.pay','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:09:38',2,NULL,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdveyceqsnhpdz4ydt0dw','both.left.l',1,'shop.pay','succeeded','shop','{"name":"branches.left"}','{"name":"branches.left"}',NULL,1577836799450,1577836799503,NULL,0,1577836799503,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdveyceqsnhpdz4ydt0dw','both.right.w',1,'wait','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'its time, at 21:09:38',1,NULL,1577836799458,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdvhm4j4qfnrx8v3kevss','a',1,'shop.pay','succeeded','shop','"sealed:v1.0f521c89.Em6UQmKdHlqsc6vJ7_HGW6oo6LVds1wlN5BTgJOS70gtqEwfSwGM5mpFbzT9Fw0="','"sealed:v1.0f521c89.If7sCbKuwOblNc7jRz_u5JU5nuEqlWJSe7KrwNEdICVFO9mXp8kN1Syyb4MyJVI="',NULL,1577836799539,1577836799543,NULL,0,1577836799544,NULL,NULL,'inputs,outputs',0);
INSERT INTO "steps" VALUES('01m82hdvhm4j4qfnrx8v3kevss','w',1,'wait','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'its time, at 21:09:38',2,NULL,1577836799539,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[0].pay',1,'shop.pay','succeeded','shop','{"name":"long.0"}','{"name":"long.0"}',NULL,1577836799582,1577836799589,NULL,0,1577836799589,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[0]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.0"}}',NULL,1577836799589,1577836799589,NULL,2,1577836799589,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[1].pay',1,'shop.pay','succeeded','shop','{"name":"long.1"}','{"name":"long.1"}',NULL,1577836799589,1577836799599,NULL,3,1577836799599,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[1]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.1"}}',NULL,1577836799599,1577836799599,NULL,5,1577836799599,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[2].pay',1,'shop.pay','succeeded','shop','{"name":"long.2"}','{"name":"long.2"}',NULL,1577836799599,1577836799608,NULL,6,1577836799608,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[2]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.2"}}',NULL,1577836799608,1577836799608,NULL,8,1577836799608,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[3].pay',1,'shop.pay','succeeded','shop','{"name":"long.3"}','{"name":"long.3"}',NULL,1577836799608,1577836799616,NULL,9,1577836799616,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[3]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.3"}}',NULL,1577836799616,1577836799616,NULL,11,1577836799616,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[4].pay',1,'shop.pay','succeeded','shop','{"name":"long.4"}','{"name":"long.4"}',NULL,1577836799616,1577836799624,NULL,12,1577836799624,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[4]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.4"}}',NULL,1577836799624,1577836799624,NULL,14,1577836799624,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[5].pay',1,'shop.pay','succeeded','shop','{"name":"long.5"}','{"name":"long.5"}',NULL,1577836799624,1577836799628,NULL,15,1577836799628,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[5]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.5"}}',NULL,1577836799628,1577836799628,NULL,17,1577836799628,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[6].pay',1,'shop.pay','succeeded','shop','{"name":"long.6"}','{"name":"long.6"}',NULL,1577836799628,1577836799639,NULL,18,1577836799639,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[6]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.6"}}',NULL,1577836799639,1577836799639,NULL,20,1577836799639,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[7].pay',1,'shop.pay','succeeded','shop','{"name":"long.7"}','{"name":"long.7"}',NULL,1577836799639,1577836799643,NULL,21,1577836799644,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[7]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.7"}}',NULL,1577836799643,1577836799643,NULL,23,1577836799643,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[8].pay',1,'shop.pay','succeeded','shop','{"name":"long.8"}','{"name":"long.8"}',NULL,1577836799643,1577836799653,NULL,24,1577836799653,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[8]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.8"}}',NULL,1577836799653,1577836799653,NULL,26,1577836799653,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[9].pay',1,'shop.pay','succeeded','shop','{"name":"long.9"}','{"name":"long.9"}',NULL,1577836799653,1577836799662,NULL,27,1577836799662,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[9]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.9"}}',NULL,1577836799662,1577836799662,NULL,29,1577836799662,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[10].pay',1,'shop.pay','succeeded','shop','{"name":"long.10"}','{"name":"long.10"}',NULL,1577836799662,1577836799671,NULL,30,1577836799671,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[10]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.10"}}',NULL,1577836799671,1577836799671,NULL,32,1577836799671,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[11].pay',1,'shop.pay','succeeded','shop','{"name":"long.11"}','{"name":"long.11"}',NULL,1577836799671,1577836799676,NULL,33,1577836799676,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[11]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.11"}}',NULL,1577836799676,1577836799676,NULL,35,1577836799676,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[12].pay',1,'shop.pay','succeeded','shop','{"name":"long.12"}','{"name":"long.12"}',NULL,1577836799676,1577836799679,NULL,36,1577836799679,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[12]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.12"}}',NULL,1577836799679,1577836799679,NULL,38,1577836799679,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[13].pay',1,'shop.pay','succeeded','shop','{"name":"long.13"}','{"name":"long.13"}',NULL,1577836799679,1577836799686,NULL,39,1577836799686,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[13]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.13"}}',NULL,1577836799686,1577836799686,NULL,41,1577836799686,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[14].pay',1,'shop.pay','succeeded','shop','{"name":"long.14"}','{"name":"long.14"}',NULL,1577836799686,1577836799692,NULL,42,1577836799693,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[14]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.14"}}',NULL,1577836799692,1577836799692,NULL,44,1577836799692,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[15].pay',1,'shop.pay','succeeded','shop','{"name":"long.15"}','{"name":"long.15"}',NULL,1577836799692,1577836799698,NULL,45,1577836799698,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[15]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.15"}}',NULL,1577836799698,1577836799698,NULL,47,1577836799698,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[16].pay',1,'shop.pay','succeeded','shop','{"name":"long.16"}','{"name":"long.16"}',NULL,1577836799698,1577836799709,NULL,48,1577836799709,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[16]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.16"}}',NULL,1577836799709,1577836799709,NULL,50,1577836799709,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[17].pay',1,'shop.pay','succeeded','shop','{"name":"long.17"}','{"name":"long.17"}',NULL,1577836799709,1577836799719,NULL,51,1577836799719,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[17]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.17"}}',NULL,1577836799719,1577836799719,NULL,53,1577836799719,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[18].pay',1,'shop.pay','succeeded','shop','{"name":"long.18"}','{"name":"long.18"}',NULL,1577836799719,1577836799728,NULL,54,1577836799728,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[18]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.18"}}',NULL,1577836799728,1577836799728,NULL,56,1577836799728,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[19].pay',1,'shop.pay','succeeded','shop','{"name":"long.19"}','{"name":"long.19"}',NULL,1577836799728,1577836799734,NULL,57,1577836799735,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[19]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.19"}}',NULL,1577836799734,1577836799734,NULL,59,1577836799734,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[20].pay',1,'shop.pay','succeeded','shop','{"name":"long.20"}','{"name":"long.20"}',NULL,1577836799734,1577836799746,NULL,60,1577836799746,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[20]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.20"}}',NULL,1577836799746,1577836799746,NULL,62,1577836799746,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[21].pay',1,'shop.pay','succeeded','shop','{"name":"long.21"}','{"name":"long.21"}',NULL,1577836799746,1577836799750,NULL,63,1577836799750,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[21]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.21"}}',NULL,1577836799750,1577836799750,NULL,65,1577836799750,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[22].pay',1,'shop.pay','succeeded','shop','{"name":"long.22"}','{"name":"long.22"}',NULL,1577836799750,1577836799758,NULL,66,1577836799759,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[22]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.22"}}',NULL,1577836799758,1577836799758,NULL,68,1577836799758,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[23].pay',1,'shop.pay','succeeded','shop','{"name":"long.23"}','{"name":"long.23"}',NULL,1577836799758,1577836799765,NULL,69,1577836799765,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[23]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.23"}}',NULL,1577836799765,1577836799765,NULL,71,1577836799765,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[24].pay',1,'shop.pay','succeeded','shop','{"name":"long.24"}','{"name":"long.24"}',NULL,1577836799765,1577836799768,NULL,72,1577836799768,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[24]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.24"}}',NULL,1577836799768,1577836799768,NULL,74,1577836799768,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[25].pay',1,'shop.pay','succeeded','shop','{"name":"long.25"}','{"name":"long.25"}',NULL,1577836799768,1577836799769,NULL,75,1577836799769,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[25]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.25"}}',NULL,1577836799769,1577836799769,NULL,77,1577836799769,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[26].pay',1,'shop.pay','succeeded','shop','{"name":"long.26"}','{"name":"long.26"}',NULL,1577836799769,1577836799773,NULL,78,1577836799773,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[26]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.26"}}',NULL,1577836799773,1577836799773,NULL,80,1577836799773,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[27].pay',1,'shop.pay','succeeded','shop','{"name":"long.27"}','{"name":"long.27"}',NULL,1577836799773,1577836799784,NULL,81,1577836799784,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[27]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.27"}}',NULL,1577836799784,1577836799784,NULL,83,1577836799784,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[28].pay',1,'shop.pay','succeeded','shop','{"name":"long.28"}','{"name":"long.28"}',NULL,1577836799784,1577836799790,NULL,84,1577836799790,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[28]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.28"}}',NULL,1577836799790,1577836799790,NULL,86,1577836799790,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[29].pay',1,'shop.pay','succeeded','shop','{"name":"long.29"}','{"name":"long.29"}',NULL,1577836799790,1577836799795,NULL,87,1577836799796,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[29]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.29"}}',NULL,1577836799795,1577836799795,NULL,89,1577836799795,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[30].pay',1,'shop.pay','succeeded','shop','{"name":"long.30"}','{"name":"long.30"}',NULL,1577836799795,1577836799803,NULL,90,1577836799804,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[30]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.30"}}',NULL,1577836799803,1577836799803,NULL,92,1577836799803,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[31].pay',1,'shop.pay','succeeded','shop','{"name":"long.31"}','{"name":"long.31"}',NULL,1577836799803,1577836799811,NULL,93,1577836799812,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[31]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.31"}}',NULL,1577836799811,1577836799811,NULL,95,1577836799811,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[32].pay',1,'shop.pay','succeeded','shop','{"name":"long.32"}','{"name":"long.32"}',NULL,1577836799811,1577836799814,NULL,96,1577836799815,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[32]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.32"}}',NULL,1577836799814,1577836799814,NULL,98,1577836799814,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[33].pay',1,'shop.pay','succeeded','shop','{"name":"long.33"}','{"name":"long.33"}',NULL,1577836799814,1577836799820,NULL,99,1577836799820,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[33]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.33"}}',NULL,1577836799820,1577836799820,NULL,101,1577836799820,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[34].pay',1,'shop.pay','succeeded','shop','{"name":"long.34"}','{"name":"long.34"}',NULL,1577836799820,1577836799828,NULL,102,1577836799828,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[34]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.34"}}',NULL,1577836799828,1577836799828,NULL,104,1577836799828,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[35].pay',1,'shop.pay','succeeded','shop','{"name":"long.35"}','{"name":"long.35"}',NULL,1577836799828,1577836799831,NULL,105,1577836799832,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[35]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.35"}}',NULL,1577836799831,1577836799831,NULL,107,1577836799831,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[36].pay',1,'shop.pay','succeeded','shop','{"name":"long.36"}','{"name":"long.36"}',NULL,1577836799831,1577836799838,NULL,108,1577836799840,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[36]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.36"}}',NULL,1577836799838,1577836799838,NULL,110,1577836799838,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[37].pay',1,'shop.pay','succeeded','shop','{"name":"long.37"}','{"name":"long.37"}',NULL,1577836799838,1577836799847,NULL,111,1577836799848,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[37]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.37"}}',NULL,1577836799847,1577836799847,NULL,113,1577836799847,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[38].pay',1,'shop.pay','succeeded','shop','{"name":"long.38"}','{"name":"long.38"}',NULL,1577836799847,1577836799850,NULL,114,1577836799854,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[38]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.38"}}',NULL,1577836799850,1577836799850,NULL,116,1577836799850,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[39].pay',1,'shop.pay','succeeded','shop','{"name":"long.39"}','{"name":"long.39"}',NULL,1577836799850,1577836799859,NULL,117,1577836799859,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[39]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.39"}}',NULL,1577836799859,1577836799859,NULL,119,1577836799859,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[40].pay',1,'shop.pay','succeeded','shop','{"name":"long.40"}','{"name":"long.40"}',NULL,1577836799859,1577836799862,NULL,120,1577836799863,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[40]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.40"}}',NULL,1577836799862,1577836799862,NULL,122,1577836799862,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[41].pay',1,'shop.pay','succeeded','shop','{"name":"long.41"}','{"name":"long.41"}',NULL,1577836799862,1577836799866,NULL,123,1577836799866,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[41]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.41"}}',NULL,1577836799866,1577836799866,NULL,125,1577836799866,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[42].pay',1,'shop.pay','succeeded','shop','{"name":"long.42"}','{"name":"long.42"}',NULL,1577836799866,1577836799869,NULL,126,1577836799870,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[42]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.42"}}',NULL,1577836799869,1577836799869,NULL,128,1577836799869,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[43].pay',1,'shop.pay','succeeded','shop','{"name":"long.43"}','{"name":"long.43"}',NULL,1577836799869,1577836799873,NULL,129,1577836799873,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[43]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.43"}}',NULL,1577836799873,1577836799873,NULL,131,1577836799873,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[44].pay',1,'shop.pay','succeeded','shop','{"name":"long.44"}','{"name":"long.44"}',NULL,1577836799873,1577836799878,NULL,132,1577836799879,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[44]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.44"}}',NULL,1577836799878,1577836799878,NULL,134,1577836799878,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[45].pay',1,'shop.pay','succeeded','shop','{"name":"long.45"}','{"name":"long.45"}',NULL,1577836799878,1577836799883,NULL,135,1577836799884,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[45]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.45"}}',NULL,1577836799883,1577836799883,NULL,137,1577836799883,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[46].pay',1,'shop.pay','succeeded','shop','{"name":"long.46"}','{"name":"long.46"}',NULL,1577836799883,1577836799892,NULL,138,1577836799892,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[46]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.46"}}',NULL,1577836799892,1577836799892,NULL,140,1577836799892,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[47].pay',1,'shop.pay','succeeded','shop','{"name":"long.47"}','{"name":"long.47"}',NULL,1577836799892,1577836799902,NULL,141,1577836799902,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[47]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.47"}}',NULL,1577836799902,1577836799902,NULL,143,1577836799902,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[48].pay',1,'shop.pay','succeeded','shop','{"name":"long.48"}','{"name":"long.48"}',NULL,1577836799902,1577836799906,NULL,144,1577836799907,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[48]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.48"}}',NULL,1577836799906,1577836799906,NULL,146,1577836799906,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[49].pay',1,'shop.pay','succeeded','shop','{"name":"long.49"}','{"name":"long.49"}',NULL,1577836799906,1577836799918,NULL,147,1577836799922,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[49]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.49"}}',NULL,1577836799918,1577836799918,NULL,149,1577836799918,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[50].pay',1,'shop.pay','succeeded','shop','{"name":"long.50"}','{"name":"long.50"}',NULL,1577836799918,1577836799926,NULL,150,1577836799926,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[50]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.50"}}',NULL,1577836799926,1577836799926,NULL,152,1577836799926,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each',1,'foreach','running',NULL,NULL,'{"through":[[0,50]],"bytes":1290}',NULL,1577836799926,NULL,NULL,153,1577836799926,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[51].pay',1,'shop.pay','succeeded','shop','{"name":"long.51"}','{"name":"long.51"}',NULL,1577836799926,1577836799933,NULL,154,1577836799933,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[51]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.51"}}',NULL,1577836799933,1577836799933,NULL,156,1577836799933,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[52].pay',1,'shop.pay','succeeded','shop','{"name":"long.52"}','{"name":"long.52"}',NULL,1577836799933,1577836799937,NULL,157,1577836799937,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[52]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.52"}}',NULL,1577836799937,1577836799937,NULL,159,1577836799937,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[53].pay',1,'shop.pay','succeeded','shop','{"name":"long.53"}','{"name":"long.53"}',NULL,1577836799937,1577836799942,NULL,160,1577836799947,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[53]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.53"}}',NULL,1577836799942,1577836799942,NULL,162,1577836799942,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[54].pay',1,'shop.pay','succeeded','shop','{"name":"long.54"}','{"name":"long.54"}',NULL,1577836799942,1577836799954,NULL,163,1577836799955,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[54]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.54"}}',NULL,1577836799954,1577836799954,NULL,165,1577836799954,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[55].pay',1,'shop.pay','failed','shop','{"name":"long.55"}',NULL,'{"step":"each[55].pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"long.yaml:8:25"}',1577836799954,1577836799960,NULL,166,1577836799960,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82hdvk0d842s2rbkmwc8tb6','each[55].pay',2,'shop.pay','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:09:39',168,NULL,NULL,NULL,NULL,0);
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
INSERT INTO "subscriptions" VALUES('c4bbb16d73884aaa6ff3c216ba3efdf0','4a6aa4a5874ecb15cbb2e67a3179c8ac3312b6c5142061aac03e58afc7237bb5','local','shop','shop.ordered','{"name":"order"}','https://hooks.example/hooks/c4bbb16d73884aaa6ff3c216ba3efdf0','v1.0f521c89.7Uipx5Btt8HIy3VCt1ZhLM3taJARlC2kqBcEYWOFRsiLAWO651Og','active','https://shop.example/hooks/1',NULL,1577836798239,1577836798252,1577836798252,NULL);
INSERT INTO "subscriptions" VALUES('2506972d48dee0bcfb58fbb8a1fcd5fc','76edf644db3be466d997f2212ccf65da2aa43c8fe49df367a60fbc7ab82ebe59','local','shop','shop.ordered','{"name":"x"}','https://hooks.example/hooks/2506972d48dee0bcfb58fbb8a1fcd5fc',NULL,'pending',NULL,NULL,1577836798996,1577836798996,NULL,NULL);
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
CREATE TABLE waits (
	run_id TEXT NOT NULL, 
	path TEXT NOT NULL, 
	subscription_id TEXT NOT NULL, 
	CONSTRAINT pk_waits PRIMARY KEY (run_id, path)
);
INSERT INTO "waits" VALUES('01m82hdv23dqp34rg61mymcrc0','w','2506972d48dee0bcfb58fbb8a1fcd5fc');
CREATE INDEX ix_bindings_subscription ON bindings (subscription_id);
CREATE INDEX ix_runs_time ON runs (created_at, id);
CREATE INDEX ix_runs_status ON runs (status, created_at, id);
CREATE INDEX ix_runs_flow ON runs (flow, status, created_at, id);
CREATE INDEX ix_runs_due ON runs (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_steps_called ON steps (connection, called_at);
CREATE INDEX ix_steps_open ON steps (connection) WHERE ended_at IS NULL;
CREATE INDEX ix_tokens_owner ON tokens (owner);
CREATE INDEX ix_audit_time ON audit (at, id);
CREATE INDEX ix_events_time ON events (received_at, id);
CREATE INDEX ix_runs_parent ON runs (parent_run) WHERE parent_run IS NOT NULL;
CREATE INDEX ix_runs_lane ON runs (lane, held, created_at, id) WHERE lane IS NOT NULL AND due_at IS NOT NULL;
CREATE INDEX ix_steps_kept ON steps (run_id) WHERE folded = 0;
CREATE INDEX ix_waits_subscription ON waits (subscription_id);
CREATE INDEX ix_schedules_due ON schedules (next_at);
COMMIT;
