-- Rows for every table as each schema version made or changed it; a file of version N holds the blocks up to N.

-- 0001
INSERT INTO members (qq, card, nick) VALUES (1580012345, '林溪', NULL), (1580012346, '阿凯', '凯'), (1580012347, '老徐', NULL);
INSERT INTO messages (group_id, message_id, sender, handled_at) VALUES (612345678, 11, 1580012345, '2026-11-24 01:00:00.000000');
INSERT INTO talks (number, starts_at, state, opened_at, last_item, moved_from, moved_why, article) VALUES
  (3, '2026-11-21 13:00:00.000000', 'published', '2026-11-15 01:00:00.000000', 1, NULL, NULL, 'https://example.org/3'),
  (4, '2026-11-29 12:30:00.000000', 'held', '2026-11-22 01:00:00.000000', 4, '2026-11-28 13:00:00.000000', '元旦调休', NULL),
  (5, '2026-12-05 13:00:00.000000', 'collecting', '2026-11-29 15:00:00.000000', 1, NULL, NULL, NULL);
INSERT INTO items (id, talk, number, section, category, url, key, key_version, title, title_source, note, submitter, via, state, created_at) VALUES
  (1, 3, 1, 'news', 'academic', 'https://a.org/1', 'a.org/1', 1, '旧闻', 'card', '', 1580012345, NULL, 'listed', '2026-11-16 02:00:00.000000'),
  (2, 4, 1, 'news', 'industry', 'https://a.org/2', 'a.org/2', 1, NULL, NULL, '好文', 1580012345, NULL, 'listed', '2026-11-23 02:00:00.000000'),
  (3, 4, 2, 'recommend', NULL, NULL, NULL, 1, NULL, NULL, '想听听 LoRA', 1580012346, 1580012347, 'listed', '2026-11-23 03:00:00.000000'),
  (4, 4, 3, 'news', 'industry', 'https://a.org/3', 'a.org/3', 1, NULL, NULL, '', 1580012346, NULL, 'withdrawn', '2026-11-23 04:00:00.000000'),
  (5, 4, 4, 'news', NULL, 'https://a.org/4', 'a.org/4', 1, NULL, NULL, '', 1580012347, NULL, 'rejected', '2026-11-23 05:00:00.000000'),
  (6, 5, 1, 'recommend', NULL, 'https://a.org/5', 'a.org/5', 1, NULL, NULL, '下一期的', 1580012345, NULL, 'listed', '2026-11-30 02:00:00.000000');
INSERT INTO role_holders (talk, role, slot, member, claimed_at) VALUES
  (4, 'host', 0, 1580012347, '2026-11-23 02:00:00.000000'), (4, 'editor', 0, 1580012345, '2026-11-23 02:10:00.000000');
INSERT INTO attachments (id, item, kind, body, key, added_by, created_at) VALUES
  (1, 2, 'link', 'https://b.org/1', 'b.org/1', 1580012345, '2026-11-23 02:01:00.000000'),
  (2, 2, 'text', '第三节值得一读', NULL, 1580012346, '2026-11-23 02:02:00.000000'),
  (3, 2, 'picture', 'gone.png', NULL, 1580012346, '2026-11-23 02:03:00.000000');
INSERT INTO item_messages (group_id, message_id, item) VALUES (612345678, 11, 2), (612345678, 12, 2), (612345678, 13, 3);

-- 0002
INSERT INTO deliveries (id, talk, kind, group_id, due, until, state, claimed_at, ended_at) VALUES
  (1, 4, 'agenda', 612345678, '2026-11-29 12:00:00.000000', '2026-11-29 12:30:00.000000', 'sent', '2026-11-29 12:00:01.000000', '2026-11-29 12:00:05.000000'),
  (2, 5, 'call', 612345678, '2026-12-02 12:00:00.000000', '2026-12-03 12:00:00.000000', 'planned', NULL, NULL);
INSERT INTO delivery_parts (delivery, position, state, message_id, begun_at, ended_at) VALUES
  (1, 0, 'sent', 501, '2026-11-29 12:00:01.000000', '2026-11-29 12:00:02.000000'),
  (1, 1, 'unknown', NULL, '2026-11-29 12:00:02.000000', '2026-11-29 12:00:05.000000');

-- 0003
UPDATE items SET pinned_at = '2026-11-24 02:00:00.000000', tag = '必看', authors = '张三, 李四', site = 'a.org' WHERE id = 2;
UPDATE items SET title = '大家的标题', title_source = 'editor' WHERE id = 6;
UPDATE items SET same_as = 2 WHERE id = 5;
UPDATE attachments SET key_version = 1, group_id = 612345678, message_id = 14 WHERE id = 1;
INSERT INTO supporters (item, member, note, main, created_at) VALUES (2, 1580012346, '同荐', 0, '2026-11-24 02:00:00.000000');
INSERT INTO pages (key, key_version, url, state, title, tries, next_try_at) VALUES
  ('c.org/1', 1, 'https://c.org/1', 'read', '一篇好文', 1, NULL), ('c.org/2', 1, 'https://c.org/2', 'wanted', NULL, 0, '2026-11-30 02:01:00.000000');
INSERT INTO chat_marks (group_id, message_id, said_at, met_at) VALUES (612345678, 11, '2026-11-24 01:00:00.000000', '2026-11-24 01:00:00.000000');

-- 0004
UPDATE messages SET seq = 9001, account = 10001;
UPDATE talks SET moved_at = '2026-11-25 02:00:00.000000', moved_by = 1580012347 WHERE number = 4;
UPDATE delivery_parts SET digest = 'd1', account = 10001 WHERE position = 0;
INSERT INTO departures (talk, role, member, left_at) VALUES (4, 'host', 1580012346, '2026-11-24 02:00:00.000000');
INSERT INTO alarms (id, key, said, raised_at) VALUES (1, 'delivery:1:1', '议程可能没有发出', '2026-11-29 12:10:00.000000');
INSERT INTO watches (process, group_id, since, seen_at) VALUES ('host:1', 612345678, '2026-11-29 12:00:00.000000', '2026-11-29 15:00:00.000000');

-- 0005
UPDATE talks SET started_at = '2026-11-29 12:31:00.000000', ended_at = '2026-11-29 14:00:00.000000', ended_by = 1580012347, last_question = 2 WHERE number = 4;
INSERT INTO turns (talk, position, section, item, began_at, set_at, until, ended_at) VALUES
  (4, 0, NULL, NULL, '2026-11-29 12:31:00.000000', '2026-11-29 12:31:00.000000', NULL, '2026-11-29 12:33:00.000000'),
  (4, 1, 'news', NULL, '2026-11-29 12:33:00.000000', '2026-11-29 12:33:00.000000', '2026-11-29 12:43:00.000000', '2026-11-29 14:00:00.000000');
INSERT INTO carries (talk, number, item, carried_at, carried_by) VALUES (4, 2, 3, '2026-11-29 14:01:00.000000', 1580012347);
INSERT INTO questions (id, text, asker, asked_at) VALUES (1, 'LoRA 怎么选秩？', 1580012346, '2026-11-29 13:00:00.000000'), (2, '显存不够怎么办？', 1580012345, '2026-11-29 13:10:00.000000');
INSERT INTO standings (talk, number, question) VALUES (4, 1, 1), (4, 2, 2), (5, 1, 2);
UPDATE talks SET last_question = 1 WHERE number = 5;
INSERT INTO votes (question, member, voted_at) VALUES (1, 1580012345, '2026-11-29 13:01:00.000000');
INSERT INTO remarks (id, talk, question, kind, headline, author, said_at, filed_by, filed_at, group_id, message_id) VALUES
  (1, 4, 1, 'answer', NULL, 1580012345, '2026-11-29 13:02:00.000000', 1580012345, '2026-11-29 13:02:01.000000', 612345678, 21),
  (2, 4, NULL, 'quote', '先跑通再说', 1580012347, '2026-11-29 13:03:00.000000', 1580012346, '2026-11-29 13:04:00.000000', 612345678, 22);
INSERT INTO remark_lines (remark, position, kind, body, speaker, said_at) VALUES
  (1, 0, 'text', '从 8 开始试', NULL, NULL), (2, 0, 'text', '先跑通，再谈优化', '老徐', '2026-11-29 13:03:00.000000'), (2, 1, 'picture', 'gone.png', NULL, NULL);
INSERT INTO discussion_messages (id, group_id, message_id, question, remark, part) VALUES (1, 612345678, 20, 1, NULL, 'brought'), (2, 612345678, 21, NULL, 1, 'brought');

-- 0006
UPDATE talks SET summary = '一期好 talk' WHERE number = 4;
INSERT INTO picks (item, picked_by, picked_at) VALUES (3, 1580012347, '2026-11-28 02:00:00.000000');
INSERT INTO offers (item, again_of, round) VALUES (6, 3, 2);
INSERT INTO themes (talk, section, topic, set_by, set_at) VALUES (4, 'recommend', '高效微调', 1580012347, '2026-11-27 02:00:00.000000');
INSERT INTO suggestions (id, talk, section, body, member, said_at, group_id, message_id) VALUES
  (1, 4, 'news', '少一点公司新闻', 1580012346, '2026-11-27 03:00:00.000000', 612345678, 31);
INSERT INTO invitations (id, picture, until, uploaded_by, uploaded_at) VALUES (1, 'gone.png', '2026-12-04 15:59:59.000000', 1580012345, '2026-11-27 04:00:00.000000');

-- 0007
UPDATE talks SET started_by = 1580012347 WHERE number = 4;
UPDATE talks SET published_by = 1580012345 WHERE number = 3;
UPDATE suggestions SET receipt = 32;
INSERT INTO published_names (talk, member, name) VALUES (3, 1580012345, '林溪');

-- 0008
INSERT INTO pictures (name, type, content) VALUES ('here.png', 'image/png', X'89504E470D0A1A0A');
INSERT INTO attachments (id, item, kind, body, picture, added_by, created_at) VALUES (9, 3, 'picture', NULL, 'here.png', 1580012346, '2026-11-23 03:03:00.000000');
INSERT INTO leases (process, group_id, since, seen_at) VALUES ('host:2', 612345678, '2026-11-29 12:00:00.000000', '2026-11-29 15:00:00.000000');

-- 0009
UPDATE items SET rank = 1, note_by = 1580012345, moved_by = 1580012347, moved_from = 'news' WHERE id = 3;
UPDATE talks SET place = '腾讯会议 123-456-789', host_seen_at = '2026-11-29 13:50:00.000000' WHERE number = 4;
INSERT INTO message_parts (group_id, message_id, part, seq, handled_at) VALUES (612345678, 11, 2, 9001, '2026-11-24 01:00:00.000000');
INSERT INTO stand_ins (talk, member, claimed_at, group_id, message_id) VALUES (4, 1580012346, '2026-11-29 12:45:00.000000', 612345678, 41);
INSERT INTO final_minutes (talk, body, uploaded_by, uploaded_at) VALUES (3, '# 定稿', 1580012345, '2026-11-22 02:00:00.000000');
INSERT INTO changes (id, talk, section, member, command, said, done_at, images) VALUES (1, 4, 'news', 1580012347, 'pin', '提要 #1', '2026-11-29 12:40:00.000000', '[]');
-- 0010
INSERT INTO troubles (code, since) VALUES ('offline 1', '2026-11-29 04:00:00.000000');
-- 0011
UPDATE items SET via = 1580012346 WHERE id = 3;
