-- The database and the two roles of Cardea: psql --no-psqlrc --file roles.sql, on the primary once, as the superuser.
-- The passwords come from the environment and appear in no argument and no log.
-- cardea_owner makes and changes tables: `cardea migrate up` runs with it when a version brings a new schema.
-- cardea_node is what the nodes run with: it reads and writes rows and changes no table.
\set ON_ERROR_STOP on
\getenv owner_password CARDEA_OWNER_PASSWORD
\getenv node_password CARDEA_NODE_PASSWORD
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
CREATE ROLE cardea_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE cardea_node LOGIN PASSWORD :'node_password';
CREATE DATABASE cardea OWNER cardea_owner;
REVOKE ALL ON DATABASE cardea FROM PUBLIC;
GRANT CONNECT ON DATABASE cardea TO cardea_node;
\connect cardea
ALTER SCHEMA public OWNER TO cardea_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE cardea_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO cardea_node;
