\echo == 1. tables
CREATE TABLE region (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE customer (id serial PRIMARY KEY, name varchar(20) NOT NULL, region_id integer, since date DEFAULT '2024-01-01');
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer, total numeric(10,2) CHECK (total >= 0), paid boolean);
CREATE TABLE line (order_id integer, pos smallint, item text, qty integer, PRIMARY KEY (order_id, pos));
CREATE INDEX orders_customer ON orders (customer_id);
INSERT INTO region VALUES (1, 'north'), (2, 'south'), (3, 'west');
INSERT INTO customer (name, region_id) VALUES ('ann', 1), ('bob', 2), ('cat', 1), ('dan', NULL);
INSERT INTO orders VALUES (10, 1, 99.50, true), (11, 1, 20, false), (12, 2, 310.25, true), (13, 3, 5.75, NULL), (14, NULL, 1, false);
INSERT INTO line VALUES (10, 1, 'pen', 10), (10, 2, 'ink', 1), (11, 1, 'pad', 4), (12, 1, 'desk', 1), (12, 2, 'lamp', 2), (13, 1, 'pen', 1);
SELECT * FROM customer ORDER BY id;
\echo == 2. inner join with WHERE
SELECT c.name, o.id AS order_id, o.total FROM customer c JOIN orders o ON o.customer_id = c.id WHERE o.total > 10 ORDER BY o.id;
\echo == 3. left join with GROUP BY
SELECT c.name, count(o.id) AS orders, sum(o.total) AS total FROM customer c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.name ORDER BY c.name;
\echo == 4. three-way join with WHERE and GROUP BY
SELECT r.name AS region, l.item, sum(l.qty) AS qty FROM region r JOIN customer c ON c.region_id = r.id JOIN orders o ON o.customer_id = c.id JOIN line l ON l.order_id = o.id WHERE o.paid IS NOT FALSE GROUP BY r.name, l.item ORDER BY r.name, l.item;
\echo == 5. IN and EXISTS subqueries
SELECT name FROM customer WHERE id IN (SELECT customer_id FROM orders WHERE paid) ORDER BY name;
SELECT name FROM customer c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id) ORDER BY name;
SELECT name FROM customer WHERE id NOT IN (SELECT customer_id FROM orders) ORDER BY name;
\echo == 6. CTE
WITH totals AS (SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id), best AS (SELECT max(total) AS total FROM totals) SELECT c.name, t.total FROM totals t JOIN best b ON b.total = t.total JOIN customer c ON c.id = t.customer_id;
\echo == 7. recursive CTE
WITH RECURSIVE steps(n, fact) AS (SELECT 1, 1::bigint UNION ALL SELECT n + 1, fact * (n + 1) FROM steps WHERE n < 8) SELECT n, fact FROM steps ORDER BY n;
\echo == 8. BEGIN and COMMIT
BEGIN;
INSERT INTO orders VALUES (15, 4, 42, true);
UPDATE orders SET paid = true WHERE id = 11;
DELETE FROM orders WHERE id = 14;
SELECT id, total, paid FROM orders ORDER BY id;
COMMIT;
SELECT count(*), sum(total) FROM orders;
\echo == 9. BEGIN and ROLLBACK
BEGIN;
INSERT INTO region VALUES (4, 'east');
UPDATE customer SET name = upper(name);
DELETE FROM line;
SELECT (SELECT count(*) FROM region) AS regions, (SELECT min(name) FROM customer) AS first, (SELECT count(*) FROM line) AS lines;
ROLLBACK;
SELECT (SELECT count(*) FROM region) AS regions, (SELECT min(name) FROM customer) AS first, (SELECT count(*) FROM line) AS lines;
\echo == 10. aggregates
SELECT count(*) AS n, count(paid) AS known, sum(total) AS sum, round(avg(total), 2) AS avg, min(total) AS min, max(total) AS max, bool_or(paid) AS any_paid FROM orders;
SELECT count(DISTINCT item) AS items, avg(qty) AS avg FROM line;
\echo == 11. HAVING
SELECT customer_id, count(*) AS n, sum(total) AS total FROM orders GROUP BY customer_id HAVING sum(total) > 50 ORDER BY total DESC;
\echo == 12. errors, and what is left of them
INSERT INTO orders VALUES (10, 1, 1, true);
INSERT INTO orders VALUES (16, 1, -1, true);
INSERT INTO customer (name) VALUES (NULL);
INSERT INTO customer (name) VALUES ('a name that is far too long');
SELECT nothing FROM orders;
SELECT * FROM nowhere;
SELEC 1;
BEGIN;
INSERT INTO region VALUES (1, 'again');
SELECT 1;
COMMIT;
SELECT CASE WHEN total > 100 THEN 'large' WHEN total > 10 THEN 'middle' ELSE 'small' END AS size, count(*) FROM orders GROUP BY 1 ORDER BY 1;
SELECT id, name, since FROM customer UNION ALL SELECT id, name, NULL FROM region ORDER BY id, name LIMIT 4;
\pset null '(null)'
SELECT id, customer_id, paid FROM orders ORDER BY paid NULLS FIRST, id DESC LIMIT 3;
DROP TABLE region, customer, orders, line;
