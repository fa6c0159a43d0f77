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
INSERT INTO "bindings" VALUES('ordered','ordered','31499aa6ad757fee3a5cd66a92b832e4','start');
INSERT INTO "bindings" VALUES('listens','wait:w','c5a8177daf53be5bfa91611148c25799','wait');
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
INSERT INTO "connections" VALUES('08c059af0c21900423fd8b38','local','probe','probe','{"base_url":"https://probe.example"}','{"token":"v1.0f521c89.adQQd9y3tRSHiCw007NWppe7VdIEIVbemLedBm49-p-RMFOvAzVRrHr7MTAnzFw="}','{}','unknown',NULL,1577836799680,1577836799680,NULL);
INSERT INTO "connections" VALUES('06b36676167704ec645cd4b0','local','shop','shop','{"base_url":"https://shop.example"}','{"token":"v1.0f521c89.H5iMVucQFt3hdui_gSaj70_4pLyIMpxk5BVQGD4HoY2AWj_PhV6uFy62xKEcZTzblTi28oFhmpsQ"}','{}','ok',NULL,1577836799682,1577836799709,NULL);
INSERT INTO "connections" VALUES('4874fc82fef84998a6a841f2','local','till','till','{"base_url":"https://shop.example"}','{"token":"v1.0f521c89.yFHIp6LT6IWJQXYujNFZKvfWvXx-HaCIhmH7qcRIp7sQup0XxXX9BsRCXvTssOPWGEcEJhSzxNkT"}','{}','ok',NULL,1577836799683,1577836799749,NULL);
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
INSERT INTO "events" VALUES('01m82gwydpdgj5ndp2bavb8867','31499aa6ad757fee3a5cd66a92b832e4','webhook','order 1',1577836799692,X'7B7D','{"name":"order"}','[{"flow":"ordered","digest":"790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247","trigger":"ordered","run_id":"01m82gwydpdh3kpm89393npmtb","reason":null}]',0,NULL,1);
INSERT INTO "events" VALUES('01m82gwydta50rhf8nsqa9cpt0',NULL,'manual','done',1577836799696,X'7B226F72646572223A22646F6E65227D','{"order":"done"}','[{"flow":"done","digest":"7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23","trigger":"manual","run_id":"01m82gwydta5vwx9wf2vqdvjqz","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwyebcqnwxq95vkw5rche',NULL,'manual','refused',1577836799713,X'7B226F72646572223A2272656675736564227D','{"order":"refused"}','[{"flow":"refused","digest":"7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36","trigger":"manual","run_id":"01m82gwyebcqrg6hgcvnpkggw0","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwyejc5prn7c5bt7gc1rr',NULL,'manual','lost',1577836799721,X'7B226F72646572223A226C6F7374227D','{"order":"lost"}','[{"flow":"lost","digest":"ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb","trigger":"manual","run_id":"01m82gwyejc5psadm64nayh38x","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwyes3fg299ekcqa95w8t',NULL,'manual','stopped',1577836799727,X'7B226F72646572223A2273746F70706564227D','{"order":"stopped"}','[{"flow":"stopped","digest":"df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5","trigger":"manual","run_id":"01m82gwyes3ft74kkep1wvq6qn","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwyez389m20tt4dqaq9m3',NULL,'manual','queued',1577836799734,X'7B226F72646572223A22717565756564227D','{"order":"queued"}','[{"flow":"queued","digest":"a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b","trigger":"manual","run_id":"01m82gwyf07wbwfwkhn061jm95","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwyf2177j7sb36wdjy9v9',NULL,'manual','retry',1577836799736,X'7B226F72646572223A227265747279227D','{"order":"retry"}','[{"flow":"retry","digest":"c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9","trigger":"manual","run_id":"01m82gwyf217e744vrfhs3xb85","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwyfb2paf5rz14yh89r3x',NULL,'manual','permit',1577836799745,X'7B226F72646572223A227065726D6974227D','{"order":"permit"}','[{"flow":"permit","digest":"1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d","trigger":"manual","run_id":"01m82gwyfb2phy8bq1wh82n805","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwyfke6etnypt90bpfrq3',NULL,'manual','cut_keyed',1577836799753,X'7B226F72646572223A226375745F6B65796564227D','{"order":"cut_keyed"}','[{"flow":"cut_keyed","digest":"787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7","trigger":"manual","run_id":"01m82gwyfke6zkfzxv8grbqs12","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwyfs46vwf7j8wm1zz6ca',NULL,'manual','cut_asked',1577836799759,X'7B226F72646572223A226375745F61736B6564227D','{"order":"cut_asked"}','[{"flow":"cut_asked","digest":"9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720","trigger":"manual","run_id":"01m82gwyfs47mg64dh29gxw4yr","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwyfz9fnszaakb9mtmfey',NULL,'manual','cut_plain',1577836799765,X'7B226F72646572223A226375745F706C61696E227D','{"order":"cut_plain"}','[{"flow":"cut_plain","digest":"3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd","trigger":"manual","run_id":"01m82gwyfz9fxzyvvw3tyz78xs","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwyg7fd0zj3sjqs4h795g',NULL,'manual','loop',1577836799773,X'7B226F72646572223A226C6F6F70227D','{"order":"loop"}','[{"flow":"loop","digest":"35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb","trigger":"manual","run_id":"01m82gwyg7fdpz24735ahkjhk1","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwygh3yw7jzq5dcdpy73a',NULL,'manual','waits',1577836799783,X'7B226F72646572223A227761697473227D','{"order":"waits"}','[{"flow":"waits","digest":"800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04","trigger":"manual","run_id":"01m82gwygh3z8fm7jesrcnyv71","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwygy2afedehhm4j9zc0n',NULL,'manual','listens',1577836799796,X'7B226F72646572223A226C697374656E73227D','{"order":"listens"}','[{"flow":"listens","digest":"1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1","trigger":"manual","run_id":"01m82gwygy2an3qr6hbmw3e0ry","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwyk788374xwevg023rfq',NULL,'manual','calls',1577836799869,X'7B226F72646572223A2263616C6C73227D','{"order":"calls"}','[{"flow":"calls","digest":"1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900","trigger":"manual","run_id":"01m82gwyk7892hnkesfv4hcn8m","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('0gjtwrxjrearzvbtq9esc27p9f',NULL,'flow','01m82gwyk7892hnkesfv4hcn8m:sub',1577836799875,X'7B7D','{"event":"flow","payload":{},"created_at":"2026-11-22T20:59:24.653000Z","created_by":"calls"}','[{"flow":"callee","digest":"c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f","trigger":"flow","run_id":"0jr5vsb9zmqtz7mzgrhee69kk0","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwykm8d06g4xg81hz9w3z',NULL,'manual','turns 1',1577836799882,X'7B226F72646572223A227475726E732031227D','{"order":"turns 1"}','[{"flow":"turns","digest":"d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec","trigger":"manual","run_id":"01m82gwykm8dav00ehv1gtfmaa","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwykpbyypdjy07w6cnr3h',NULL,'manual','turns 2',1577836799884,X'7B226F72646572223A227475726E732032227D','{"order":"turns 2"}','[{"flow":"turns","digest":"d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec","trigger":"manual","run_id":"01m82gwykpbzpzh0r2c6y07ydf","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwymaa1rn15vz8mqn6d06',NULL,'manual','branches',1577836799904,X'7B226F72646572223A226272616E63686573227D','{"order":"branches"}','[{"flow":"branches","digest":"b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c","trigger":"manual","run_id":"01m82gwymaa2reqt5r17tb2nb3","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwymqf3qg1t19ptjrzw2n',NULL,'manual','secret',1577836799917,X'7B226F72646572223A22736563726574227D','{"order":"secret"}','[{"flow":"secret","digest":"6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09","trigger":"manual","run_id":"01m82gwymqf3w34mty94d0zg8m","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwyn102m92djw40pe7c9a',NULL,'manual','long',1577836799927,X'7B226F72646572223A226C6F6E67227D','{"order":"long"}','[{"flow":"long","digest":"7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41","trigger":"manual","run_id":"01m82gwyn1037tp0vrk0yzkt16","reason":null}]',0,NULL,0);
INSERT INTO "events" VALUES('01m82gwyqa384q13fm30wy83kb','schedule:nightly:night','schedule','1795381164000',1577836800000,X'7B7D','{"slot":1795381164000}','[{"flow":"nightly","digest":"d036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d","trigger":"night","run_id":"01m82gwyqa38fr8dd7dmw01ym2","reason":null}]',0,NULL,0);
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
','ordered.yaml',1577836799686);
INSERT INTO "flow_versions" VALUES('done','7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23','id: done
name: Done
connections: {shop: shop}
steps:
  - {id: look, uses: shop.look, with: {name: done.look}}
  - {id: pay, uses: shop.pay, with: {name: done.pay}}
','done.yaml',1577836799696);
INSERT INTO "flow_versions" VALUES('refused','7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36','id: refused
name: Refused
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: refused.pay}}
  - {id: send, uses: shop.send, with: {name: refused.send}}
','refused.yaml',1577836799712);
INSERT INTO "flow_versions" VALUES('lost','ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb','id: lost
name: Lost
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: lost.pay}}
  - {id: send, uses: shop.send, with: {name: lost.send}}
','lost.yaml',1577836799720);
INSERT INTO "flow_versions" VALUES('stopped','df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5','id: stopped
name: Stopped
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: stopped.pay}}
  - {id: s, stop: {status: cancelled, message: enough}}
','stopped.yaml',1577836799727);
INSERT INTO "flow_versions" VALUES('queued','a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b','id: queued
name: Queued
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: queued.pay}}
','queued.yaml',1577836799733);
INSERT INTO "flow_versions" VALUES('retry','c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9','id: retry
name: Retry
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: retry.pay}}
  - {id: again, uses: shop.pay, with: {name: retry.again}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
  - {id: last, uses: shop.pay, with: {name: retry.last}}
','retry.yaml',1577836799736);
INSERT INTO "flow_versions" VALUES('permit','1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d','id: permit
name: Permit
connections: {till: till}
steps:
  - {id: one, uses: till.pay, with: {name: permit.one}}
  - {id: two, uses: till.pay, with: {name: permit.two}}
','permit.yaml',1577836799745);
INSERT INTO "flow_versions" VALUES('cut_keyed','787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7','id: cut_keyed
name: Cut_Keyed
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_keyed.pay}}
  - {id: cut, uses: shop.pay, with: {name: cut_keyed.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_keyed.last}}
','cut_keyed.yaml',1577836799752);
INSERT INTO "flow_versions" VALUES('cut_asked','9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720','id: cut_asked
name: Cut_Asked
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_asked.pay}}
  - {id: cut, uses: shop.book, with: {name: cut_asked.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_asked.last}}
','cut_asked.yaml',1577836799759);
INSERT INTO "flow_versions" VALUES('cut_plain','3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd','id: cut_plain
name: Cut_Plain
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: cut_plain.pay}}
  - {id: cut, uses: shop.send, with: {name: cut_plain.cut}}
  - {id: last, uses: shop.pay, with: {name: cut_plain.last}}
','cut_plain.yaml',1577836799765);
INSERT INTO "flow_versions" VALUES('loop','35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb','id: loop
name: Loop
connections: {shop: shop}
steps:
  - id: each
    foreach: "[0, 1, 2, 3]"
    steps:
      - {id: pay, uses: shop.pay, with: {name: "loop.{{ item }}"}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
','loop.yaml',1577836799772);
INSERT INTO "flow_versions" VALUES('waits','800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04','id: waits
name: Waits
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: waits.pay}}
  - {id: w, wait: {for: 1m}}
  - {id: last, uses: shop.pay, with: {name: waits.last}}
','waits.yaml',1577836799783);
INSERT INTO "flow_versions" VALUES('listens','1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1','id: listens
name: Listens
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: listens.pay}}
  - {id: w, wait: {event: {uses: shop.ordered, with: {name: x}}}}
  - {id: last, uses: shop.pay, with: {name: ''listens.{{ steps.w.output.name }}''}}
','listens.yaml',1577836799790);
INSERT INTO "flow_versions" VALUES('callee','c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f','id: callee
name: Callee
connections: {shop: shop}
steps:
  - {id: w, wait: {for: 1m}}
  - {id: pay, uses: shop.pay, with: {name: callee.pay}}
','callee.yaml',1577836799867);
INSERT INTO "flow_versions" VALUES('calls','1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900','id: calls
name: Calls
connections: {shop: shop}
steps:
  - {id: pay, uses: shop.pay, with: {name: calls.pay}}
  - {id: sub, flow: callee}
  - {id: last, uses: shop.pay, with: {name: calls.last}}
','calls.yaml',1577836799869);
INSERT INTO "flow_versions" VALUES('turns','d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec','id: turns
name: Turns
connections: {shop: shop}
concurrency: {limit: 1}
steps:
  - {id: pay, uses: shop.pay, with: {name: turns.pay}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
','turns.yaml',1577836799881);
INSERT INTO "flow_versions" VALUES('branches','b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c','id: branches
name: Branches
connections: {shop: shop}
steps:
  - id: both
    parallel:
      left: [{id: l, uses: shop.pay, with: {name: branches.left}}]
      right: [{id: w, wait: {for: 1m}}, {id: r, uses: shop.pay, with: {name: branches.right}}]
','branches.yaml',1577836799903);
INSERT INTO "flow_versions" VALUES('secret','6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09','id: secret
name: Secret
connections: {shop: shop}
steps:
  - {id: a, uses: shop.pay, with: {name: secret.a}, secure: [inputs, outputs]}
  - {id: w, wait: {for: 1m}}
  - {id: b, uses: shop.pay, with: {name: ''secret.{{ steps.a.output.name }}''}}
','secret.yaml',1577836799916);
INSERT INTO "flow_versions" VALUES('long','7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41','id: long
name: Long
connections: {shop: shop}
steps:
  - id: each
    foreach: "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59]"
    steps:
      - {id: pay, uses: shop.pay, with: {name: "long.{{ item }}"}, retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}}
','long.yaml',1577836799926);
INSERT INTO "flow_versions" VALUES('nightly','d036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d','id: nightly
name: Nightly
connections: {shop: shop}
triggers: [{id: night, uses: schedule.cron, with: {cron: ''0 3 * * *''}}]
steps:
  - {id: pay, uses: shop.pay, with: {name: nightly.pay}}
','nightly.yaml',1577836799996);
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
INSERT INTO "flows" VALUES('ordered','Ordered','local',1,'790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247',1577836799687);
INSERT INTO "flows" VALUES('done','Done','local',1,'7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23',1577836799696);
INSERT INTO "flows" VALUES('refused','Refused','local',1,'7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36',1577836799713);
INSERT INTO "flows" VALUES('lost','Lost','local',1,'ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb',1577836799720);
INSERT INTO "flows" VALUES('stopped','Stopped','local',1,'df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5',1577836799727);
INSERT INTO "flows" VALUES('queued','Queued','local',1,'a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b',1577836799733);
INSERT INTO "flows" VALUES('retry','Retry','local',1,'c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9',1577836799736);
INSERT INTO "flows" VALUES('permit','Permit','local',1,'1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d',1577836799745);
INSERT INTO "flows" VALUES('cut_keyed','Cut_Keyed','local',1,'787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7',1577836799752);
INSERT INTO "flows" VALUES('cut_asked','Cut_Asked','local',1,'9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720',1577836799759);
INSERT INTO "flows" VALUES('cut_plain','Cut_Plain','local',1,'3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd',1577836799765);
INSERT INTO "flows" VALUES('loop','Loop','local',1,'35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb',1577836799772);
INSERT INTO "flows" VALUES('waits','Waits','local',1,'800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04',1577836799783);
INSERT INTO "flows" VALUES('listens','Listens','local',1,'1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1',1577836799796);
INSERT INTO "flows" VALUES('callee','Callee','local',1,'c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f',1577836799867);
INSERT INTO "flows" VALUES('calls','Calls','local',1,'1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900',1577836799869);
INSERT INTO "flows" VALUES('turns','Turns','local',1,'d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec',1577836799881);
INSERT INTO "flows" VALUES('branches','Branches','local',1,'b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c',1577836799903);
INSERT INTO "flows" VALUES('secret','Secret','local',1,'6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09',1577836799916);
INSERT INTO "flows" VALUES('long','Long','local',1,'7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41',1577836799927);
INSERT INTO "flows" VALUES('nightly','Nightly','local',1,'d036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d',1577836799996);
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
INSERT INTO "owners" VALUES('local','This installation',1577836799663);
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
INSERT INTO "runs" VALUES('01m82gwydpdh3kpm89393npmtb','ordered','790569e95a6fbb98e4523ab112b57f49eacb62b3568632ee927c69df7d240247','local','queued','01m82gwydpdgj5ndp2bavb8867','{}',1577836799692,1577836799692,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwydta5vwx9wf2vqdvjqz','done','7e288bf65610a641569a94cbce68a1ac07b9ec26bb141e2852d649c360dfff23','local','succeeded','01m82gwydta50rhf8nsqa9cpt0','{}',1577836799696,NULL,1577836799699,1577836799710,'{}',NULL,NULL,NULL,1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwyebcqrg6hgcvnpkggw0','refused','7fa8380d209a93adc40d54737956929e1a024a1df700d0e4ddb395bdf9a01f36','local','failed','01m82gwyebcqnwxq95vkw5rche','{}',1577836799713,NULL,1577836799714,1577836799718,NULL,'{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}',NULL,NULL,1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwyejc5psadm64nayh38x','lost','ab81d558f4f0b639509cd206d4e69c3eba6a72129b743b394d6854e63d0e59fb','local','uncertain','01m82gwyejc5prn7c5bt7gc1rr','{}',1577836799721,NULL,1577836799721,1577836799725,NULL,'{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}',NULL,NULL,1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwyes3ft74kkep1wvq6qn','stopped','df464d380804ab2217ab40ca322e96d8e6963602d17ba6745074fd615c1179e5','local','cancelled','01m82gwyes3fg299ekcqa95w8t','{}',1577836799727,NULL,1577836799728,1577836799731,NULL,NULL,'enough',NULL,1,0,3,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwyf07wbwfwkhn061jm95','queued','a547179af315b554dc46d7c9d902e656ca20ea6ad5b9075f8a528a15cdbf4e5b','local','queued','01m82gwyez389m20tt4dqaq9m3','{}',1577836799734,1577836799734,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwyf217e744vrfhs3xb85','retry','c456ba714a158e6a491b1e693d96b6df5caaa518ba6f3e04d8687049b09613e9','local','parked','01m82gwyf2177j7sb36wdjy9v9','{}',1577836799736,1577836859742,1577836799737,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:00:24',1,0,5,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwyfb2phy8bq1wh82n805','permit','1c4824228f40fbbb1e125cd65ff2ff724febc3143b13e5b7afaf36b91933e52d','local','parked','01m82gwyfb2paf5rz14yh89r3x','{}',1577836799745,1577840398950,1577836799746,NULL,NULL,NULL,NULL,'till/till 1/3600s until 01:00:00',1,0,3,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwyfke6zkfzxv8grbqs12','cut_keyed','787d07f10285ef8d7c8ac9de3fe517a4a4d163b00b5c3e814e67074cc49cfed7','local','running','01m82gwyfke6etnypt90bpfrq3','{}',1577836799753,1577836809756,1577836799754,NULL,NULL,NULL,NULL,NULL,1,0,3,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwyfs47mg64dh29gxw4yr','cut_asked','9d046c3c507507fa5bed081fdb80e64d7bd957cf4ed6655b23ccd920cc7c5720','local','running','01m82gwyfs46vwf7j8wm1zz6ca','{}',1577836799759,1577836809763,1577836799760,NULL,NULL,NULL,NULL,NULL,1,0,3,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwyfz9fxzyvvw3tyz78xs','cut_plain','3063eb48fae4c7fcdbebdfbc0949b6112c9c34dc98cb509a1196aa53fae7f1cd','local','running','01m82gwyfz9fnszaakb9mtmfey','{}',1577836799765,1577836809769,1577836799766,NULL,NULL,NULL,NULL,NULL,1,0,3,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwyg7fdpz24735ahkjhk1','loop','35b1cc9ab80739a4e0db968e7f7994234cf838027c18be8b70affffa3a629fdb','local','parked','01m82gwyg7fd0zj3sjqs4h795g','{}',1577836799773,1577836859781,1577836799774,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:00:24',1,0,9,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwygh3z8fm7jesrcnyv71','waits','800b07235525f543d56d2c9cc1762200f4a9f4fdf28989c919898d5a86b4cb04','local','parked','01m82gwygh3yw7jzq5dcdpy73a','{}',1577836799783,1577836859787,1577836799784,NULL,NULL,NULL,NULL,'its time, at 21:00:24',1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwygy2an3qr6hbmw3e0ry','listens','1fe4cd3a65a289770954ef9ff83b9faffb6d90d6c97fb20f5415882ba8db40f1','local','parked','01m82gwygy2afedehhm4j9zc0n','{}',1577836799796,1577923199865,1577836799797,NULL,NULL,NULL,NULL,'an event of shop.ordered on shop/shop',1,0,3,NULL,NULL,0,0,NULL,NULL,0,0,1,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwyk7892hnkesfv4hcn8m','calls','1296e2783c0622b60b39d661886b4dd7914de4b725272b9ae16d3c0cbc189900','local','parked','01m82gwyk788374xwevg023rfq','{}',1577836799869,1577837399878,1577836799871,NULL,NULL,NULL,NULL,'the flow callee',1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('0jr5vsb9zmqtz7mzgrhee69kk0','callee','c555d8a3adf0e2006bb4d5943b344c3cd9f9ffa29c61a2ce7763fcb97d3b968f','local','parked','0gjtwrxjrearzvbtq9esc27p9f','{}',1577836799875,1577836859892,1577836799890,NULL,NULL,NULL,NULL,'its time, at 21:00:24',1,0,2,'01m82gwyk7892hnkesfv4hcn8m','sub',1,1,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwykm8dav00ehv1gtfmaa','turns','d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec','local','parked','01m82gwykm8d06g4xg81hz9w3z','{}',1577836799882,1577836859899,1577836799886,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:00:24',1,0,3,NULL,NULL,0,0,'turns:null',1,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwykpbzpzh0r2c6y07ydf','turns','d942144bb508fdccce512e3c6544d3dfaf172e2e46cccb1f039844b5e76fc3ec','local','queued','01m82gwykpbyypdjy07w6cnr3h','{}',1577836799884,253402300799000,NULL,NULL,NULL,NULL,NULL,'its turn: at most 1 run at a time with this concurrency key',0,0,0,NULL,NULL,0,0,'turns:null',1,1,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwymaa2reqt5r17tb2nb3','branches','b4755e7ea58760fe3dbcfadc5324a154ea25aa3af9b5b7c73922b73e0a1f994c','local','parked','01m82gwymaa1rn15vz8mqn6d06','{}',1577836799904,1577836859912,1577836799906,NULL,NULL,NULL,NULL,'its time, at 21:00:24',1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwymqf3w34mty94d0zg8m','secret','6b8a68b1857f0b5865ed0491578be8d942334118cd4caa074e19eb291e262a09','local','parked','01m82gwymqf3qg1t19ptjrzw2n','{}',1577836799917,1577836859922,1577836799918,NULL,NULL,NULL,NULL,'its time, at 21:00:24',1,0,4,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwyn1037tp0vrk0yzkt16','long','7b9cf54cfc118145772ea1c05744a44ff4627b2d94eca878f42492630a9c1f41','local','parked','01m82gwyn102m92djw40pe7c9a','{}',1577836799927,1577836859993,1577836799929,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:00:24',1,0,169,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "runs" VALUES('01m82gwyqa38fr8dd7dmw01ym2','nightly','d036ff440b652c2f59f294996cc853c0793605b18680a314d747402c4c220d8d','local','queued','01m82gwyqa384q13fm30wy83kb','{}',1577836800000,1577836800000,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,NULL,0,0,NULL,NULL,0,0,0,NULL,NULL);
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
INSERT INTO "schedules" VALUES('nightly','night','schedule.cron','{"cron":"0 3 * * *"}','local',1577923199222,1577836799222);
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
INSERT INTO "steps" VALUES('01m82gwydta5vwx9wf2vqdvjqz','look',1,'shop.look','succeeded','shop','{"name":"done.look"}','{"name":"done.look"}',NULL,1577836799704,1577836799707,NULL,0,1577836799708,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwydta5vwx9wf2vqdvjqz','pay',1,'shop.pay','succeeded','shop','{"name":"done.pay"}','{"name":"done.pay"}',NULL,1577836799707,1577836799710,NULL,2,1577836799710,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyebcqrg6hgcvnpkggw0','pay',1,'shop.pay','succeeded','shop','{"name":"refused.pay"}','{"name":"refused.pay"}',NULL,1577836799716,1577836799717,NULL,0,1577836799717,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyebcqrg6hgcvnpkggw0','send',1,'shop.send','failed','shop','{"name":"refused.send"}',NULL,'{"step":"send","kind":"invalid","message":"the shop said 400","status":400,"attempt":1,"place":"refused.yaml:6:22"}',1577836799717,1577836799718,NULL,2,1577836799718,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyejc5psadm64nayh38x','pay',1,'shop.pay','succeeded','shop','{"name":"lost.pay"}','{"name":"lost.pay"}',NULL,1577836799723,1577836799724,NULL,0,1577836799724,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyejc5psadm64nayh38x','send',1,'shop.send','uncertain','shop','{"name":"lost.send"}',NULL,'{"step":"send","kind":"unknown_outcome","message":"shop.example gave no complete answer: the connection was reset","status":null,"attempt":1,"place":"lost.yaml:6:22"}',1577836799724,1577836799725,NULL,2,1577836799725,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyes3ft74kkep1wvq6qn','pay',1,'shop.pay','succeeded','shop','{"name":"stopped.pay"}','{"name":"stopped.pay"}',NULL,1577836799730,1577836799731,NULL,0,1577836799731,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyes3ft74kkep1wvq6qn','s',1,'stop','succeeded',NULL,NULL,'{"status":"cancelled","message":"enough"}',NULL,1577836799731,1577836799731,NULL,2,1577836799731,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyf217e744vrfhs3xb85','pay',1,'shop.pay','succeeded','shop','{"name":"retry.pay"}','{"name":"retry.pay"}',NULL,1577836799739,1577836799740,NULL,0,1577836799740,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyf217e744vrfhs3xb85','again',1,'shop.pay','failed','shop','{"name":"retry.again"}',NULL,'{"step":"again","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"retry.yaml:6:23"}',1577836799740,1577836799742,NULL,2,1577836799743,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyf217e744vrfhs3xb85','again',2,'shop.pay','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:00:24',4,NULL,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyfb2phy8bq1wh82n805','one',1,'till.pay','succeeded','till','{"name":"permit.one"}','{"name":"permit.one"}',NULL,1577836799748,1577836799750,NULL,0,1577836799750,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyfb2phy8bq1wh82n805','two',1,'till.pay','waiting','till','{"name":"permit.two"}',NULL,NULL,NULL,NULL,'till/till 1/3600s until 01:00:00',2,NULL,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyfke6zkfzxv8grbqs12','pay',1,'shop.pay','succeeded','shop','{"name":"cut_keyed.pay"}','{"name":"cut_keyed.pay"}',NULL,1577836799755,1577836799756,NULL,0,1577836799757,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyfke6zkfzxv8grbqs12','cut',1,'shop.pay','running','shop','{"name":"cut_keyed.cut"}',NULL,NULL,1577836799756,NULL,NULL,2,1577836799756,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyfs47mg64dh29gxw4yr','pay',1,'shop.pay','succeeded','shop','{"name":"cut_asked.pay"}','{"name":"cut_asked.pay"}',NULL,1577836799762,1577836799763,NULL,0,1577836799763,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyfs47mg64dh29gxw4yr','cut',1,'shop.book','running','shop','{"name":"cut_asked.cut"}',NULL,NULL,1577836799763,NULL,NULL,2,1577836799763,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyfz9fxzyvvw3tyz78xs','pay',1,'shop.pay','succeeded','shop','{"name":"cut_plain.pay"}','{"name":"cut_plain.pay"}',NULL,1577836799768,1577836799769,NULL,0,1577836799769,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyfz9fxzyvvw3tyz78xs','cut',1,'shop.send','running','shop','{"name":"cut_plain.cut"}',NULL,NULL,1577836799769,NULL,NULL,2,1577836799769,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyg7fdpz24735ahkjhk1','each[0].pay',1,'shop.pay','succeeded','shop','{"name":"loop.0"}','{"name":"loop.0"}',NULL,1577836799777,1577836799777,NULL,0,1577836799778,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyg7fdpz24735ahkjhk1','each[0]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"loop.0"}}',NULL,1577836799777,1577836799777,NULL,2,1577836799777,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyg7fdpz24735ahkjhk1','each[1].pay',1,'shop.pay','succeeded','shop','{"name":"loop.1"}','{"name":"loop.1"}',NULL,1577836799777,1577836799779,NULL,3,1577836799779,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyg7fdpz24735ahkjhk1','each[1]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"loop.1"}}',NULL,1577836799779,1577836799779,NULL,5,1577836799779,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyg7fdpz24735ahkjhk1','each[2].pay',1,'shop.pay','failed','shop','{"name":"loop.2"}',NULL,'{"step":"each[2].pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"loop.yaml:8:25"}',1577836799779,1577836799781,NULL,6,1577836799781,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyg7fdpz24735ahkjhk1','each[2].pay',2,'shop.pay','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:00:24',8,NULL,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwygh3z8fm7jesrcnyv71','pay',1,'shop.pay','succeeded','shop','{"name":"waits.pay"}','{"name":"waits.pay"}',NULL,1577836799786,1577836799787,NULL,0,1577836799788,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwygh3z8fm7jesrcnyv71','w',1,'wait','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'its time, at 21:00:24',2,NULL,1577836799786,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwygy2an3qr6hbmw3e0ry','pay',1,'shop.pay','succeeded','shop','{"name":"listens.pay"}','{"name":"listens.pay"}',NULL,1577836799799,1577836799802,NULL,0,1577836799859,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwygy2an3qr6hbmw3e0ry','w',1,'wait','waiting',NULL,'{"uses":"shop.ordered","with":{"name":"x"}}',NULL,NULL,NULL,NULL,'an event of shop.ordered on shop/shop',2,NULL,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyk7892hnkesfv4hcn8m','pay',1,'shop.pay','succeeded','shop','{"name":"calls.pay"}','{"name":"calls.pay"}',NULL,1577836799873,1577836799875,NULL,0,1577836799875,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyk7892hnkesfv4hcn8m','sub',1,'flow callee','waiting',NULL,'{}',NULL,NULL,NULL,NULL,'the flow callee',2,NULL,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('0jr5vsb9zmqtz7mzgrhee69kk0','w',1,'wait','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'its time, at 21:00:24',0,NULL,1577836799890,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwykm8dav00ehv1gtfmaa','pay',1,'shop.pay','failed','shop','{"name":"turns.pay"}',NULL,'{"step":"pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"turns.yaml:6:21"}',1577836799898,1577836799899,NULL,0,1577836799900,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwykm8dav00ehv1gtfmaa','pay',2,'shop.pay','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:00:24',2,NULL,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwymaa2reqt5r17tb2nb3','both.left.l',1,'shop.pay','succeeded','shop','{"name":"branches.left"}','{"name":"branches.left"}',NULL,1577836799909,1577836799912,NULL,0,1577836799913,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwymaa2reqt5r17tb2nb3','both.right.w',1,'wait','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'its time, at 21:00:24',1,NULL,1577836799909,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwymqf3w34mty94d0zg8m','a',1,'shop.pay','succeeded','shop','"sealed:v1.0f521c89.ldbzqd4_pBGmzlAqPLCVsZflnnXSJcgmGR3UtVc4cuUDMeGPz1lDQ_WEEXFbAYo="','"sealed:v1.0f521c89.l87TQMpL4cYVukINYfy2etbHGwdc14QUmpS4JKy1HPfRwnRz8MvGsPtf3rWwqZw="',NULL,1577836799921,1577836799922,NULL,0,1577836799922,NULL,NULL,'inputs,outputs',0);
INSERT INTO "steps" VALUES('01m82gwymqf3w34mty94d0zg8m','w',1,'wait','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'its time, at 21:00:24',2,NULL,1577836799921,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[0].pay',1,'shop.pay','succeeded','shop','{"name":"long.0"}','{"name":"long.0"}',NULL,1577836799933,1577836799934,NULL,0,1577836799935,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[0]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.0"}}',NULL,1577836799934,1577836799934,NULL,2,1577836799934,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[1].pay',1,'shop.pay','succeeded','shop','{"name":"long.1"}','{"name":"long.1"}',NULL,1577836799934,1577836799936,NULL,3,1577836799936,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[1]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.1"}}',NULL,1577836799936,1577836799936,NULL,5,1577836799936,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[2].pay',1,'shop.pay','succeeded','shop','{"name":"long.2"}','{"name":"long.2"}',NULL,1577836799936,1577836799937,NULL,6,1577836799938,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[2]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.2"}}',NULL,1577836799937,1577836799937,NULL,8,1577836799937,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[3].pay',1,'shop.pay','succeeded','shop','{"name":"long.3"}','{"name":"long.3"}',NULL,1577836799937,1577836799939,NULL,9,1577836799939,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[3]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.3"}}',NULL,1577836799939,1577836799939,NULL,11,1577836799939,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[4].pay',1,'shop.pay','succeeded','shop','{"name":"long.4"}','{"name":"long.4"}',NULL,1577836799939,1577836799940,NULL,12,1577836799940,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[4]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.4"}}',NULL,1577836799940,1577836799940,NULL,14,1577836799940,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[5].pay',1,'shop.pay','succeeded','shop','{"name":"long.5"}','{"name":"long.5"}',NULL,1577836799940,1577836799941,NULL,15,1577836799941,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[5]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.5"}}',NULL,1577836799941,1577836799941,NULL,17,1577836799941,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[6].pay',1,'shop.pay','succeeded','shop','{"name":"long.6"}','{"name":"long.6"}',NULL,1577836799941,1577836799942,NULL,18,1577836799942,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[6]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.6"}}',NULL,1577836799942,1577836799942,NULL,20,1577836799942,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[7].pay',1,'shop.pay','succeeded','shop','{"name":"long.7"}','{"name":"long.7"}',NULL,1577836799942,1577836799943,NULL,21,1577836799944,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[7]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.7"}}',NULL,1577836799943,1577836799943,NULL,23,1577836799943,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[8].pay',1,'shop.pay','succeeded','shop','{"name":"long.8"}','{"name":"long.8"}',NULL,1577836799943,1577836799945,NULL,24,1577836799945,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[8]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.8"}}',NULL,1577836799945,1577836799945,NULL,26,1577836799945,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[9].pay',1,'shop.pay','succeeded','shop','{"name":"long.9"}','{"name":"long.9"}',NULL,1577836799945,1577836799946,NULL,27,1577836799946,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[9]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.9"}}',NULL,1577836799946,1577836799946,NULL,29,1577836799946,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[10].pay',1,'shop.pay','succeeded','shop','{"name":"long.10"}','{"name":"long.10"}',NULL,1577836799946,1577836799947,NULL,30,1577836799947,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[10]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.10"}}',NULL,1577836799947,1577836799947,NULL,32,1577836799947,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[11].pay',1,'shop.pay','succeeded','shop','{"name":"long.11"}','{"name":"long.11"}',NULL,1577836799947,1577836799948,NULL,33,1577836799948,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[11]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.11"}}',NULL,1577836799948,1577836799948,NULL,35,1577836799948,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[12].pay',1,'shop.pay','succeeded','shop','{"name":"long.12"}','{"name":"long.12"}',NULL,1577836799948,1577836799949,NULL,36,1577836799949,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[12]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.12"}}',NULL,1577836799949,1577836799949,NULL,38,1577836799949,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[13].pay',1,'shop.pay','succeeded','shop','{"name":"long.13"}','{"name":"long.13"}',NULL,1577836799949,1577836799950,NULL,39,1577836799950,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[13]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.13"}}',NULL,1577836799950,1577836799950,NULL,41,1577836799950,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[14].pay',1,'shop.pay','succeeded','shop','{"name":"long.14"}','{"name":"long.14"}',NULL,1577836799950,1577836799951,NULL,42,1577836799951,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[14]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.14"}}',NULL,1577836799951,1577836799951,NULL,44,1577836799951,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[15].pay',1,'shop.pay','succeeded','shop','{"name":"long.15"}','{"name":"long.15"}',NULL,1577836799951,1577836799952,NULL,45,1577836799952,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[15]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.15"}}',NULL,1577836799952,1577836799952,NULL,47,1577836799952,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[16].pay',1,'shop.pay','succeeded','shop','{"name":"long.16"}','{"name":"long.16"}',NULL,1577836799952,1577836799953,NULL,48,1577836799954,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[16]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.16"}}',NULL,1577836799953,1577836799953,NULL,50,1577836799953,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[17].pay',1,'shop.pay','succeeded','shop','{"name":"long.17"}','{"name":"long.17"}',NULL,1577836799953,1577836799954,NULL,51,1577836799955,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[17]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.17"}}',NULL,1577836799954,1577836799954,NULL,53,1577836799954,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[18].pay',1,'shop.pay','succeeded','shop','{"name":"long.18"}','{"name":"long.18"}',NULL,1577836799954,1577836799956,NULL,54,1577836799956,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[18]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.18"}}',NULL,1577836799956,1577836799956,NULL,56,1577836799956,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[19].pay',1,'shop.pay','succeeded','shop','{"name":"long.19"}','{"name":"long.19"}',NULL,1577836799956,1577836799957,NULL,57,1577836799957,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[19]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.19"}}',NULL,1577836799957,1577836799957,NULL,59,1577836799957,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[20].pay',1,'shop.pay','succeeded','shop','{"name":"long.20"}','{"name":"long.20"}',NULL,1577836799957,1577836799958,NULL,60,1577836799958,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[20]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.20"}}',NULL,1577836799958,1577836799958,NULL,62,1577836799958,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[21].pay',1,'shop.pay','succeeded','shop','{"name":"long.21"}','{"name":"long.21"}',NULL,1577836799958,1577836799959,NULL,63,1577836799959,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[21]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.21"}}',NULL,1577836799959,1577836799959,NULL,65,1577836799959,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[22].pay',1,'shop.pay','succeeded','shop','{"name":"long.22"}','{"name":"long.22"}',NULL,1577836799959,1577836799960,NULL,66,1577836799960,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[22]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.22"}}',NULL,1577836799960,1577836799960,NULL,68,1577836799960,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[23].pay',1,'shop.pay','succeeded','shop','{"name":"long.23"}','{"name":"long.23"}',NULL,1577836799960,1577836799961,NULL,69,1577836799961,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[23]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.23"}}',NULL,1577836799961,1577836799961,NULL,71,1577836799961,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[24].pay',1,'shop.pay','succeeded','shop','{"name":"long.24"}','{"name":"long.24"}',NULL,1577836799961,1577836799962,NULL,72,1577836799962,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[24]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.24"}}',NULL,1577836799962,1577836799962,NULL,74,1577836799962,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[25].pay',1,'shop.pay','succeeded','shop','{"name":"long.25"}','{"name":"long.25"}',NULL,1577836799962,1577836799963,NULL,75,1577836799963,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[25]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.25"}}',NULL,1577836799963,1577836799963,NULL,77,1577836799963,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[26].pay',1,'shop.pay','succeeded','shop','{"name":"long.26"}','{"name":"long.26"}',NULL,1577836799963,1577836799964,NULL,78,1577836799964,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[26]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.26"}}',NULL,1577836799964,1577836799964,NULL,80,1577836799964,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[27].pay',1,'shop.pay','succeeded','shop','{"name":"long.27"}','{"name":"long.27"}',NULL,1577836799964,1577836799965,NULL,81,1577836799965,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[27]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.27"}}',NULL,1577836799965,1577836799965,NULL,83,1577836799965,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[28].pay',1,'shop.pay','succeeded','shop','{"name":"long.28"}','{"name":"long.28"}',NULL,1577836799965,1577836799966,NULL,84,1577836799966,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[28]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.28"}}',NULL,1577836799966,1577836799966,NULL,86,1577836799966,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[29].pay',1,'shop.pay','succeeded','shop','{"name":"long.29"}','{"name":"long.29"}',NULL,1577836799966,1577836799967,NULL,87,1577836799967,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[29]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.29"}}',NULL,1577836799967,1577836799967,NULL,89,1577836799967,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[30].pay',1,'shop.pay','succeeded','shop','{"name":"long.30"}','{"name":"long.30"}',NULL,1577836799967,1577836799968,NULL,90,1577836799968,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[30]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.30"}}',NULL,1577836799968,1577836799968,NULL,92,1577836799968,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[31].pay',1,'shop.pay','succeeded','shop','{"name":"long.31"}','{"name":"long.31"}',NULL,1577836799968,1577836799969,NULL,93,1577836799969,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[31]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.31"}}',NULL,1577836799969,1577836799969,NULL,95,1577836799969,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[32].pay',1,'shop.pay','succeeded','shop','{"name":"long.32"}','{"name":"long.32"}',NULL,1577836799969,1577836799971,NULL,96,1577836799971,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[32]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.32"}}',NULL,1577836799971,1577836799971,NULL,98,1577836799971,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[33].pay',1,'shop.pay','succeeded','shop','{"name":"long.33"}','{"name":"long.33"}',NULL,1577836799971,1577836799972,NULL,99,1577836799972,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[33]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.33"}}',NULL,1577836799972,1577836799972,NULL,101,1577836799972,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[34].pay',1,'shop.pay','succeeded','shop','{"name":"long.34"}','{"name":"long.34"}',NULL,1577836799972,1577836799973,NULL,102,1577836799973,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[34]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.34"}}',NULL,1577836799973,1577836799973,NULL,104,1577836799973,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[35].pay',1,'shop.pay','succeeded','shop','{"name":"long.35"}','{"name":"long.35"}',NULL,1577836799973,1577836799974,NULL,105,1577836799974,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[35]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.35"}}',NULL,1577836799974,1577836799974,NULL,107,1577836799974,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[36].pay',1,'shop.pay','succeeded','shop','{"name":"long.36"}','{"name":"long.36"}',NULL,1577836799974,1577836799975,NULL,108,1577836799975,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[36]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.36"}}',NULL,1577836799975,1577836799975,NULL,110,1577836799975,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[37].pay',1,'shop.pay','succeeded','shop','{"name":"long.37"}','{"name":"long.37"}',NULL,1577836799975,1577836799975,NULL,111,1577836799976,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[37]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.37"}}',NULL,1577836799975,1577836799975,NULL,113,1577836799975,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[38].pay',1,'shop.pay','succeeded','shop','{"name":"long.38"}','{"name":"long.38"}',NULL,1577836799975,1577836799976,NULL,114,1577836799976,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[38]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.38"}}',NULL,1577836799976,1577836799976,NULL,116,1577836799976,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[39].pay',1,'shop.pay','succeeded','shop','{"name":"long.39"}','{"name":"long.39"}',NULL,1577836799976,1577836799977,NULL,117,1577836799977,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[39]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.39"}}',NULL,1577836799977,1577836799977,NULL,119,1577836799977,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[40].pay',1,'shop.pay','succeeded','shop','{"name":"long.40"}','{"name":"long.40"}',NULL,1577836799977,1577836799978,NULL,120,1577836799978,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[40]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.40"}}',NULL,1577836799978,1577836799978,NULL,122,1577836799978,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[41].pay',1,'shop.pay','succeeded','shop','{"name":"long.41"}','{"name":"long.41"}',NULL,1577836799978,1577836799979,NULL,123,1577836799979,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[41]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.41"}}',NULL,1577836799979,1577836799979,NULL,125,1577836799979,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[42].pay',1,'shop.pay','succeeded','shop','{"name":"long.42"}','{"name":"long.42"}',NULL,1577836799979,1577836799980,NULL,126,1577836799980,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[42]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.42"}}',NULL,1577836799980,1577836799980,NULL,128,1577836799980,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[43].pay',1,'shop.pay','succeeded','shop','{"name":"long.43"}','{"name":"long.43"}',NULL,1577836799980,1577836799981,NULL,129,1577836799981,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[43]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.43"}}',NULL,1577836799981,1577836799981,NULL,131,1577836799981,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[44].pay',1,'shop.pay','succeeded','shop','{"name":"long.44"}','{"name":"long.44"}',NULL,1577836799981,1577836799981,NULL,132,1577836799982,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[44]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.44"}}',NULL,1577836799981,1577836799981,NULL,134,1577836799981,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[45].pay',1,'shop.pay','succeeded','shop','{"name":"long.45"}','{"name":"long.45"}',NULL,1577836799981,1577836799982,NULL,135,1577836799982,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[45]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.45"}}',NULL,1577836799982,1577836799982,NULL,137,1577836799982,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[46].pay',1,'shop.pay','succeeded','shop','{"name":"long.46"}','{"name":"long.46"}',NULL,1577836799982,1577836799983,NULL,138,1577836799983,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[46]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.46"}}',NULL,1577836799983,1577836799983,NULL,140,1577836799983,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[47].pay',1,'shop.pay','succeeded','shop','{"name":"long.47"}','{"name":"long.47"}',NULL,1577836799983,1577836799984,NULL,141,1577836799985,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[47]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.47"}}',NULL,1577836799984,1577836799984,NULL,143,1577836799984,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[48].pay',1,'shop.pay','succeeded','shop','{"name":"long.48"}','{"name":"long.48"}',NULL,1577836799984,1577836799985,NULL,144,1577836799986,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[48]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.48"}}',NULL,1577836799985,1577836799985,NULL,146,1577836799985,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[49].pay',1,'shop.pay','succeeded','shop','{"name":"long.49"}','{"name":"long.49"}',NULL,1577836799985,1577836799986,NULL,147,1577836799986,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[49]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.49"}}',NULL,1577836799986,1577836799986,NULL,149,1577836799986,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[50].pay',1,'shop.pay','succeeded','shop','{"name":"long.50"}','{"name":"long.50"}',NULL,1577836799986,1577836799987,NULL,150,1577836799987,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[50]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.50"}}',NULL,1577836799987,1577836799987,NULL,152,1577836799987,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each',1,'foreach','running',NULL,NULL,'{"through":[[0,50]],"bytes":1290}',NULL,1577836799987,NULL,NULL,153,1577836799987,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[51].pay',1,'shop.pay','succeeded','shop','{"name":"long.51"}','{"name":"long.51"}',NULL,1577836799987,1577836799989,NULL,154,1577836799989,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[51]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.51"}}',NULL,1577836799989,1577836799989,NULL,156,1577836799989,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[52].pay',1,'shop.pay','succeeded','shop','{"name":"long.52"}','{"name":"long.52"}',NULL,1577836799989,1577836799990,NULL,157,1577836799990,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[52]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.52"}}',NULL,1577836799990,1577836799990,NULL,159,1577836799990,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[53].pay',1,'shop.pay','succeeded','shop','{"name":"long.53"}','{"name":"long.53"}',NULL,1577836799990,1577836799991,NULL,160,1577836799991,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[53]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.53"}}',NULL,1577836799991,1577836799991,NULL,162,1577836799991,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[54].pay',1,'shop.pay','succeeded','shop','{"name":"long.54"}','{"name":"long.54"}',NULL,1577836799991,1577836799992,NULL,163,1577836799992,NULL,NULL,NULL,1);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[54]',1,'iteration','succeeded',NULL,NULL,'{"pay":{"name":"long.54"}}',NULL,1577836799992,1577836799992,NULL,165,1577836799992,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[55].pay',1,'shop.pay','failed','shop','{"name":"long.55"}',NULL,'{"step":"each[55].pay","kind":"server","message":"the shop said 503","status":503,"attempt":1,"place":"long.yaml:8:25"}',1577836799992,1577836799993,NULL,166,1577836799993,NULL,NULL,NULL,0);
INSERT INTO "steps" VALUES('01m82gwyn1037tp0vrk0yzkt16','each[55].pay',2,'shop.pay','waiting',NULL,NULL,NULL,NULL,NULL,NULL,'attempt 2 of 3 after server, at 21:00:24',168,NULL,NULL,NULL,NULL,0);
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
INSERT INTO "subscriptions" VALUES('31499aa6ad757fee3a5cd66a92b832e4','4a6aa4a5874ecb15cbb2e67a3179c8ac3312b6c5142061aac03e58afc7237bb5','local','shop','shop.ordered','{"name":"order"}','https://hooks.example/hooks/31499aa6ad757fee3a5cd66a92b832e4','v1.0f521c89.N0oFFHza_t1rVK5OAe1_1NBiydDVHZhbQ7QREAJpsLdxezrbClDY','active','https://shop.example/hooks/1',NULL,1577836799688,1577836799689,1577836799689,NULL);
INSERT INTO "subscriptions" VALUES('c5a8177daf53be5bfa91611148c25799','76edf644db3be466d997f2212ccf65da2aa43c8fe49df367a60fbc7ab82ebe59','local','shop','shop.ordered','{"name":"x"}','https://hooks.example/hooks/c5a8177daf53be5bfa91611148c25799',NULL,'pending',NULL,NULL,1577836799792,1577836799792,NULL,NULL);
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
INSERT INTO "waits" VALUES('01m82gwygy2an3qr6hbmw3e0ry','w','c5a8177daf53be5bfa91611148c25799');
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
