"""Runs migrations on the connection that `app.schema` opened, all in one transaction."""

from alembic import context

connection = context.config.attributes["connection"]
sqlite = connection.dialect.name == "sqlite"
if sqlite:
    connection.connection.driver_connection.isolation_level = None
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.rollback()
context.configure(connection=connection, render_as_batch=sqlite)
with context.begin_transaction():
    if sqlite:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    context.run_migrations()
    if sqlite:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"the migration would leave rows without their parents: {broken}")
connection.commit()
