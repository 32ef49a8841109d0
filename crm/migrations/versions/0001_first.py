"""First"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None


def upgrade() -> None:
    op.create_table('audit_entry',
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('actor_name', sa.String(length=200), nullable=False),
    sa.Column('action', sa.String(length=20), nullable=False),
    sa.Column('area', sa.String(length=40), nullable=False),
    sa.Column('record_type', sa.String(length=40), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=True),
    sa.Column('record_title', sa.String(length=200), nullable=False),
    sa.Column('subject_type', sa.String(length=40), nullable=True),
    sa.Column('subject_id', sa.Integer(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    op.create_index(op.f('ix_audit_entry_actor_id'), 'audit_entry', ['actor_id'], unique=False)
    op.create_index(op.f('ix_audit_entry_area'), 'audit_entry', ['area'], unique=False)
    op.create_index(op.f('ix_audit_entry_subject_id'), 'audit_entry', ['subject_id'], unique=False)
    op.create_index(op.f('ix_audit_entry_team_id'), 'audit_entry', ['team_id'], unique=False)
    op.create_table('custom_field',
    sa.Column('subject_type', sa.String(length=40), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('label_zh', sa.String(length=200), nullable=True),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('choices', sa.JSON(), nullable=False),
    sa.Column('required', sa.Boolean(), nullable=False),
    sa.Column('in_list', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_custom_field')),
    sa.UniqueConstraint('subject_type', 'key', name=op.f('uq_custom_field_subject_type_key'))
    )
    op.create_table('customer_class',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('colour', sa.String(length=40), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('rule', sa.JSON(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_class')),
    sa.UniqueConstraint('name', name=op.f('uq_customer_class_name'))
    )
    op.create_table('org_unit',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['parent_id'], ['org_unit.id'], name=op.f('fk_org_unit_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_org_unit')),
    sa.UniqueConstraint('parent_id', 'name', name=op.f('uq_org_unit_parent_id_name'))
    )
    op.create_index(op.f('ix_org_unit_parent_id'), 'org_unit', ['parent_id'], unique=False)
    op.create_table('product_category',
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('remark', sa.Text(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['parent_id'], ['product_category.id'], name=op.f('fk_product_category_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product_category')),
    sa.UniqueConstraint('code', name=op.f('uq_product_category_code'))
    )
    op.create_index(op.f('ix_product_category_parent_id'), 'product_category', ['parent_id'], unique=False)
    op.create_table('saved_mapping',
    sa.Column('target', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_mapping')),
    sa.UniqueConstraint('target', 'name', name=op.f('uq_saved_mapping_target_name'))
    )
    op.create_table('setting',
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_setting')),
    sa.UniqueConstraint('key', name=op.f('uq_setting_key'))
    )
    op.create_table('sign_in_ticket',
    sa.Column('ticket_hash', sa.String(length=64), nullable=False),
    sa.Column('token', sa.String(length=64), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_ticket')),
    sa.UniqueConstraint('ticket_hash', name=op.f('uq_sign_in_ticket_ticket_hash'))
    )
    op.create_table('tag',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('colour', sa.String(length=40), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tag')),
    sa.UniqueConstraint('name', name=op.f('uq_tag_name'))
    )
    op.create_table('model_run',
    sa.Column('board_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('base_id', sa.Integer(), nullable=True),
    sa.Column('model', sa.String(length=40), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('cutoff_on', sa.Date(), nullable=False),
    sa.Column('customers', sa.Integer(), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('parameters', sa.JSON(), nullable=False),
    sa.Column('intervals', sa.JSON(), nullable=False),
    sa.Column('log_likelihood', sa.Float(), nullable=True),
    sa.Column('diagnosis', sa.String(length=40), nullable=False),
    sa.Column('holdout', sa.JSON(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['base_id'], ['model_run.id'], name=op.f('fk_model_run_base_id')),
    sa.ForeignKeyConstraint(['board_id'], ['org_unit.id'], name=op.f('fk_model_run_board_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_model_run'))
    )
    op.create_index('ix_model_run_board', 'model_run', ['board_id', 'id'], unique=False)
    op.create_table('user',
    sa.Column('username', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=200), nullable=True),
    sa.Column('phone', sa.String(length=40), nullable=True),
    sa.Column('role', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('manager_id', sa.Integer(), nullable=True),
    sa.Column('is_demo', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['manager_id'], ['user.id'], name=op.f('fk_user_manager_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['org_unit.id'], name=op.f('fk_user_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('username', name=op.f('uq_user_username'))
    )
    op.create_index(op.f('ix_user_unit_id'), 'user', ['unit_id'], unique=False)
    op.create_table('activity',
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('topic', sa.String(length=300), nullable=True),
    sa.Column('planned_on', sa.Date(), nullable=True),
    sa.Column('happened_on', sa.Date(), nullable=True),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('outcome', sa.String(length=40), nullable=True),
    sa.Column('minutes', sa.Integer(), nullable=True),
    sa.Column('pinned', sa.Boolean(), nullable=False),
    sa.Column('previous_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.Column('subject_type', sa.String(length=40), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_activity_author_id')),
    sa.ForeignKeyConstraint(['previous_id'], ['activity.id'], name=op.f('fk_activity_previous_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_activity'))
    )
    op.create_index('ix_activity_author_happened', 'activity', ['author_id', 'happened_on'], unique=False)
    op.create_index(op.f('ix_activity_author_id'), 'activity', ['author_id'], unique=False)
    op.create_index('ix_activity_planned', 'activity', ['happened_on', 'planned_on'], unique=False)
    op.create_index(op.f('ix_activity_previous_id'), 'activity', ['previous_id'], unique=False)
    op.create_index('ix_activity_subject', 'activity', ['subject_type', 'subject_id', 'happened_on'], unique=False)
    op.create_table('auth_session',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.Column('revoked_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_auth_session_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auth_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_auth_session_token_hash'))
    )
    op.create_index(op.f('ix_auth_session_user_id'), 'auth_session', ['user_id'], unique=False)
    op.create_table('credential',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('password_hash', sa.String(length=100), nullable=False),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('must_change', sa.Boolean(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_credential_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credential')),
    sa.UniqueConstraint('user_id', name=op.f('uq_credential_user_id'))
    )
    op.create_table('customer_group',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('purpose', sa.String(length=40), nullable=False),
    sa.Column('board_id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.JSON(), nullable=True),
    sa.Column('made_from', sa.String(length=300), nullable=True),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['board_id'], ['org_unit.id'], name=op.f('fk_customer_group_board_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_customer_group_owner_id')),
    sa.ForeignKeyConstraint(['team_id'], ['org_unit.id'], name=op.f('fk_customer_group_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_group'))
    )
    op.create_index(op.f('ix_customer_group_board_id'), 'customer_group', ['board_id'], unique=False)
    op.create_index('uq_customer_group_name', 'customer_group', ['board_id', 'team_id', 'name'], unique=True, sqlite_where=sa.text('deleted_at IS NULL'), postgresql_where=sa.text('deleted_at IS NULL'))
    op.create_table('export_event',
    sa.Column('what', sa.String(length=40), nullable=False),
    sa.Column('format', sa.String(length=40), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('filters', sa.JSON(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_export_event_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export_event'))
    )
    op.create_index(op.f('ix_export_event_user_id'), 'export_event', ['user_id'], unique=False)
    op.create_table('import_job',
    sa.Column('target', sa.String(length=40), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('read', sa.Integer(), nullable=False),
    sa.Column('added', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('unchanged', sa.Integer(), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_import_job_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_job'))
    )
    op.create_index(op.f('ix_import_job_sha256'), 'import_job', ['sha256'], unique=False)
    op.create_index(op.f('ix_import_job_user_id'), 'import_job', ['user_id'], unique=False)
    op.create_table('membership',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['org_unit.id'], name=op.f('fk_membership_unit_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_membership_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership')),
    sa.UniqueConstraint('user_id', 'unit_id', name=op.f('uq_membership_user_id_unit_id'))
    )
    op.create_index(op.f('ix_membership_user_id'), 'membership', ['user_id'], unique=False)
    op.create_table('preference',
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_preference_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_preference')),
    sa.UniqueConstraint('user_id', 'key', name=op.f('uq_preference_user_id_key'))
    )
    op.create_index(op.f('ix_preference_user_id'), 'preference', ['user_id'], unique=False)
    op.create_table('saved_view',
    sa.Column('page', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('state', sa.JSON(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_saved_view_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
    sa.UniqueConstraint('user_id', 'page', 'name', name=op.f('uq_saved_view_user_id_page_name'))
    )
    op.create_index(op.f('ix_saved_view_user_id'), 'saved_view', ['user_id'], unique=False)
    op.create_table('sign_in_event',
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('username', sa.String(length=200), nullable=False),
    sa.Column('origin', sa.String(length=200), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_sign_in_event_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_event'))
    )
    op.create_index('ix_sign_in_event_kind_created', 'sign_in_event', ['kind', 'created_at'], unique=False)
    op.create_index(op.f('ix_sign_in_event_user_id'), 'sign_in_event', ['user_id'], unique=False)
    op.create_table('tagging',
    sa.Column('tag_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.Column('subject_type', sa.String(length=40), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_tagging_author_id')),
    sa.ForeignKeyConstraint(['tag_id'], ['tag.id'], name=op.f('fk_tagging_tag_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tagging')),
    sa.UniqueConstraint('tag_id', 'subject_type', 'subject_id', name=op.f('uq_tagging_tag_id_subject_type_subject_id'))
    )
    op.create_index(op.f('ix_tagging_author_id'), 'tagging', ['author_id'], unique=False)
    op.create_index('ix_tagging_subject', 'tagging', ['subject_type', 'subject_id'], unique=False)
    op.create_index(op.f('ix_tagging_tag_id'), 'tagging', ['tag_id'], unique=False)
    op.create_table('customer',
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('stage', sa.String(length=40), nullable=False),
    sa.Column('board_id', sa.Integer(), nullable=False),
    sa.Column('level', sa.String(length=40), nullable=True),
    sa.Column('credit_grade', sa.String(length=40), nullable=True),
    sa.Column('source', sa.String(length=40), nullable=True),
    sa.Column('region', sa.String(length=200), nullable=True),
    sa.Column('industry', sa.String(length=200), nullable=True),
    sa.Column('phone', sa.String(length=40), nullable=True),
    sa.Column('email', sa.String(length=200), nullable=True),
    sa.Column('website', sa.String(length=200), nullable=True),
    sa.Column('address', sa.String(length=400), nullable=True),
    sa.Column('product_field', sa.String(length=200), nullable=True),
    sa.Column('preferences', sa.Text(), nullable=True),
    sa.Column('remark', sa.Text(), nullable=True),
    sa.Column('custom', sa.JSON(), nullable=False),
    sa.Column('converted_on', sa.Date(), nullable=True),
    sa.Column('merged_into_id', sa.Integer(), nullable=True),
    sa.Column('import_job_id', sa.Integer(), nullable=True),
    sa.Column('name_key', sa.String(length=200), nullable=False),
    sa.Column('phone_key', sa.String(length=11), nullable=True),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.Column('first_order_on', sa.Date(), nullable=True),
    sa.Column('last_order_on', sa.Date(), nullable=True),
    sa.Column('order_count', sa.Integer(), nullable=False),
    sa.Column('order_amount', sa.BigInteger(), nullable=False),
    sa.Column('life_cycle', sa.String(length=40), nullable=False),
    sa.Column('class_id', sa.Integer(), nullable=True),
    sa.Column('asset_rating', sa.String(length=1), nullable=True),
    sa.Column('contribution_rating', sa.String(length=1), nullable=True),
    sa.Column('r_score', sa.Integer(), nullable=True),
    sa.Column('f_score', sa.Integer(), nullable=True),
    sa.Column('m_score', sa.Integer(), nullable=True),
    sa.Column('segment', sa.String(length=40), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['board_id'], ['org_unit.id'], name=op.f('fk_customer_board_id')),
    sa.ForeignKeyConstraint(['class_id'], ['customer_class.id'], name=op.f('fk_customer_class_id')),
    sa.ForeignKeyConstraint(['import_job_id'], ['import_job.id'], name=op.f('fk_customer_import_job_id')),
    sa.ForeignKeyConstraint(['merged_into_id'], ['customer.id'], name=op.f('fk_customer_merged_into_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_customer_owner_id')),
    sa.ForeignKeyConstraint(['team_id'], ['org_unit.id'], name=op.f('fk_customer_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer')),
    sa.UniqueConstraint('board_id', 'code', name=op.f('uq_customer_board_id_code'))
    )
    op.create_index(op.f('ix_customer_board_id'), 'customer', ['board_id'], unique=False)
    op.create_index(op.f('ix_customer_class_id'), 'customer', ['class_id'], unique=False)
    op.create_index('ix_customer_first', 'customer', ['board_id', 'first_order_on'], unique=False)
    op.create_index(op.f('ix_customer_import_job_id'), 'customer', ['import_job_id'], unique=False)
    op.create_index(op.f('ix_customer_life_cycle'), 'customer', ['life_cycle'], unique=False)
    op.create_index('ix_customer_list', 'customer', ['last_order_on', 'id'], unique=False)
    op.create_index('ix_customer_list_amount', 'customer', ['order_amount', 'id'], unique=False)
    op.create_index('ix_customer_list_created', 'customer', ['created_at', 'id'], unique=False)
    op.create_index('ix_customer_list_name', 'customer', ['name', 'id'], unique=False)
    op.create_index(op.f('ix_customer_name_key'), 'customer', ['name_key'], unique=False)
    op.create_index('ix_customer_owner_last', 'customer', ['owner_id', 'last_order_on'], unique=False)
    op.create_index(op.f('ix_customer_phone_key'), 'customer', ['phone_key'], unique=False)
    op.create_index(op.f('ix_customer_region'), 'customer', ['region'], unique=False)
    op.create_index('ix_customer_scores', 'customer', ['m_score', 'life_cycle', 'board_id'], unique=False)
    op.create_index(op.f('ix_customer_segment'), 'customer', ['segment'], unique=False)
    op.create_index('ix_customer_totals', 'customer', ['board_id', 'team_id', 'owner_id', 'life_cycle', 'order_count', 'order_amount', 'last_order_on', 'deleted_at'], unique=False)
    op.create_table('product',
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=True),
    sa.Column('unit', sa.String(length=20), nullable=True),
    sa.Column('price', sa.BigInteger(), nullable=True),
    sa.Column('renewal_months', sa.Integer(), nullable=True),
    sa.Column('description', sa.Text(), nullable=True),
    sa.Column('import_job_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['category_id'], ['product_category.id'], name=op.f('fk_product_category_id')),
    sa.ForeignKeyConstraint(['import_job_id'], ['import_job.id'], name=op.f('fk_product_import_job_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product')),
    sa.UniqueConstraint('code', name=op.f('uq_product_code'))
    )
    op.create_index(op.f('ix_product_category_id'), 'product', ['category_id'], unique=False)
    op.create_table('call',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('board_id', sa.Integer(), nullable=False),
    sa.Column('drawn_on', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('arm', sa.String(length=40), nullable=False),
    sa.Column('control_share', sa.Float(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('snoozed_until', sa.Date(), nullable=True),
    sa.Column('acted_on', sa.Date(), nullable=True),
    sa.Column('activity_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=40), nullable=True),
    sa.Column('group_id', sa.Integer(), nullable=True),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('rank_value', sa.Float(), nullable=False),
    sa.Column('p_alive', sa.Float(), nullable=True),
    sa.Column('value_at_risk', sa.BigInteger(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['board_id'], ['org_unit.id'], name=op.f('fk_call_board_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_call_customer_id')),
    sa.ForeignKeyConstraint(['group_id'], ['customer_group.id'], name=op.f('fk_call_group_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_call_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call')),
    sa.UniqueConstraint('customer_id', 'drawn_on', name=op.f('uq_call_customer_id_drawn_on'))
    )
    op.create_index('ix_call_board_drawn', 'call', ['board_id', 'drawn_on'], unique=False)
    op.create_index('ix_call_user_state', 'call', ['user_id', 'state', 'drawn_on'], unique=False)
    op.create_table('contact',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('position', sa.String(length=200), nullable=True),
    sa.Column('department', sa.String(length=200), nullable=True),
    sa.Column('reports_to_id', sa.Integer(), nullable=True),
    sa.Column('influence', sa.String(length=40), nullable=True),
    sa.Column('phone', sa.String(length=40), nullable=True),
    sa.Column('phone_key', sa.String(length=11), nullable=True),
    sa.Column('email', sa.String(length=200), nullable=True),
    sa.Column('wechat', sa.String(length=40), nullable=True),
    sa.Column('birthday', sa.Date(), nullable=True),
    sa.Column('is_main', sa.Boolean(), nullable=False),
    sa.Column('interests', sa.Text(), nullable=True),
    sa.Column('remark', sa.Text(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_contact_customer_id')),
    sa.ForeignKeyConstraint(['reports_to_id'], ['contact.id'], name=op.f('fk_contact_reports_to_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact'))
    )
    op.create_index(op.f('ix_contact_customer_id'), 'contact', ['customer_id'], unique=False)
    op.create_index(op.f('ix_contact_phone_key'), 'contact', ['phone_key'], unique=False)
    op.create_table('corporate_profile',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('registration_number', sa.String(length=40), nullable=True),
    sa.Column('employees', sa.Integer(), nullable=True),
    sa.Column('annual_revenue', sa.BigInteger(), nullable=True),
    sa.Column('business_strategy', sa.Text(), nullable=True),
    sa.Column('production_scale', sa.Text(), nullable=True),
    sa.Column('product_range', sa.Text(), nullable=True),
    sa.Column('business_condition', sa.Text(), nullable=True),
    sa.Column('growth_bottleneck', sa.Text(), nullable=True),
    sa.Column('logistics_cost', sa.BigInteger(), nullable=True),
    sa.Column('logistics_mode', sa.Text(), nullable=True),
    sa.Column('stock_needs', sa.Text(), nullable=True),
    sa.Column('transit_needs', sa.Text(), nullable=True),
    sa.Column('transport_needs', sa.Text(), nullable=True),
    sa.Column('packaging_needs', sa.Text(), nullable=True),
    sa.Column('feedback_needs', sa.Text(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_corporate_profile_customer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_corporate_profile')),
    sa.UniqueConstraint('customer_id', name=op.f('uq_corporate_profile_customer_id'))
    )
    op.create_table('customer_competitor',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('products', sa.String(length=200), nullable=True),
    sa.Column('share_percent', sa.Integer(), nullable=True),
    sa.Column('strengths', sa.Text(), nullable=True),
    sa.Column('weaknesses', sa.Text(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_customer_competitor_customer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_competitor'))
    )
    op.create_index(op.f('ix_customer_competitor_customer_id'), 'customer_competitor', ['customer_id'], unique=False)
    op.create_table('customer_interest',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_customer_interest_customer_id')),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], name=op.f('fk_customer_interest_product_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_interest')),
    sa.UniqueConstraint('customer_id', 'product_id', name=op.f('uq_customer_interest_customer_id_product_id'))
    )
    op.create_index(op.f('ix_customer_interest_product_id'), 'customer_interest', ['product_id'], unique=False)
    op.create_table('customer_score',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('model_run_id', sa.Integer(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('frequency', sa.Integer(), nullable=False),
    sa.Column('recency', sa.Float(), nullable=False),
    sa.Column('T', sa.Float(), nullable=False),
    sa.Column('monetary_value', sa.BigInteger(), nullable=False),
    sa.Column('expected_spend', sa.BigInteger(), nullable=False),
    sa.Column('p_alive', sa.Float(), nullable=False),
    sa.Column('expected_orders', sa.Float(), nullable=False),
    sa.Column('expected_value', sa.BigInteger(), nullable=False),
    sa.Column('lifetime_value', sa.BigInteger(), nullable=False),
    sa.Column('value_at_risk', sa.BigInteger(), nullable=False),
    sa.Column('next_order_from', sa.Date(), nullable=True),
    sa.Column('next_order_until', sa.Date(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_customer_score_customer_id')),
    sa.ForeignKeyConstraint(['model_run_id'], ['model_run.id'], name=op.f('fk_customer_score_model_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_score')),
    sa.UniqueConstraint('customer_id', name=op.f('uq_customer_score_customer_id'))
    )
    op.create_index('ix_customer_score_alive', 'customer_score', ['p_alive', 'customer_id'], unique=False)
    op.create_index('ix_customer_score_risk', 'customer_score', ['value_at_risk', 'customer_id'], unique=False)
    op.create_index('ix_customer_score_value', 'customer_score', ['lifetime_value', 'customer_id'], unique=False)
    op.create_table('customer_share',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('may_change', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_customer_share_customer_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['org_unit.id'], name=op.f('fk_customer_share_unit_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_customer_share_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_share'))
    )
    op.create_index(op.f('ix_customer_share_customer_id'), 'customer_share', ['customer_id'], unique=False)
    op.create_index('ix_customer_share_unit', 'customer_share', ['unit_id', 'customer_id'], unique=False)
    op.create_index('ix_customer_share_user', 'customer_share', ['user_id', 'customer_id'], unique=False)
    op.create_table('group_member',
    sa.Column('group_id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_group_member_customer_id')),
    sa.ForeignKeyConstraint(['group_id'], ['customer_group.id'], name=op.f('fk_group_member_group_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_group_member')),
    sa.UniqueConstraint('group_id', 'customer_id', name=op.f('uq_group_member_group_id_customer_id'))
    )
    op.create_index('ix_group_member_customer', 'group_member', ['customer_id'], unique=False)
    op.create_table('holding',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(length=40), nullable=False),
    sa.Column('product_type', sa.String(length=40), nullable=False),
    sa.Column('place', sa.String(length=40), nullable=False),
    sa.Column('institution', sa.String(length=200), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_holding_customer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holding'))
    )
    op.create_index(op.f('ix_holding_customer_id'), 'holding', ['customer_id'], unique=False)
    op.create_table('loss',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('lost_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('direction', sa.String(length=40), nullable=False),
    sa.Column('competitor', sa.String(length=200), nullable=True),
    sa.Column('remark', sa.Text(), nullable=True),
    sa.Column('won_back_on', sa.Date(), nullable=True),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_loss_customer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_loss'))
    )
    op.create_index(op.f('ix_loss_customer_id'), 'loss', ['customer_id'], unique=False)
    op.create_table('merge',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('merged_id', sa.Integer(), nullable=False),
    sa.Column('moved', sa.JSON(), nullable=False),
    sa.Column('kept_before', sa.JSON(), nullable=False),
    sa.Column('undone_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_merge_customer_id')),
    sa.ForeignKeyConstraint(['merged_id'], ['customer.id'], name=op.f('fk_merge_merged_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merge'))
    )
    op.create_index(op.f('ix_merge_customer_id'), 'merge', ['customer_id'], unique=False)
    op.create_index(op.f('ix_merge_merged_id'), 'merge', ['merged_id'], unique=False)
    op.create_table('order',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('board_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('ordered_on', sa.Date(), nullable=False),
    sa.Column('ordered_at', sa.DateTime(), nullable=True),
    sa.Column('seller_id', sa.Integer(), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('remark', sa.String(length=300), nullable=True),
    sa.Column('import_job_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['board_id'], ['org_unit.id'], name=op.f('fk_order_board_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_order_customer_id')),
    sa.ForeignKeyConstraint(['import_job_id'], ['import_job.id'], name=op.f('fk_order_import_job_id')),
    sa.ForeignKeyConstraint(['seller_id'], ['user.id'], name=op.f('fk_order_seller_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order')),
    sa.UniqueConstraint('board_id', 'number', name=op.f('uq_order_board_id_number'))
    )
    op.create_index('ix_order_customer_day', 'order', ['customer_id', 'ordered_on'], unique=False)
    op.create_index('ix_order_day', 'order', ['ordered_on', 'id'], unique=False)
    op.create_index(op.f('ix_order_import_job_id'), 'order', ['import_job_id'], unique=False)
    op.create_index('ix_order_number', 'order', ['number'], unique=False)
    op.create_index(op.f('ix_order_seller_id'), 'order', ['seller_id'], unique=False)
    op.create_index('ix_order_sums', 'order', ['board_id', 'ordered_on', 'customer_id', 'amount', 'kind', 'deleted_at'], unique=False)
    op.create_table('ownership',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_ownership_customer_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_ownership_owner_id')),
    sa.ForeignKeyConstraint(['team_id'], ['org_unit.id'], name=op.f('fk_ownership_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ownership'))
    )
    op.create_index(op.f('ix_ownership_customer_id'), 'ownership', ['customer_id'], unique=False)
    op.create_index(op.f('ix_ownership_owner_id'), 'ownership', ['owner_id'], unique=False)
    op.create_table('relation',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('remark', sa.String(length=300), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_relation_customer_id')),
    sa.ForeignKeyConstraint(['other_id'], ['customer.id'], name=op.f('fk_relation_other_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relation')),
    sa.UniqueConstraint('customer_id', 'other_id', 'kind', name=op.f('uq_relation_customer_id_other_id_kind'))
    )
    op.create_index(op.f('ix_relation_other_id'), 'relation', ['other_id'], unique=False)
    op.create_table('retail_profile',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('sex', sa.String(length=40), nullable=True),
    sa.Column('birthday', sa.Date(), nullable=True),
    sa.Column('id_number', sa.String(length=40), nullable=True),
    sa.Column('home_phone', sa.String(length=40), nullable=True),
    sa.Column('occupation', sa.String(length=200), nullable=True),
    sa.Column('employer', sa.String(length=200), nullable=True),
    sa.Column('education', sa.String(length=40), nullable=True),
    sa.Column('marital_status', sa.String(length=40), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_retail_profile_customer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_retail_profile')),
    sa.UniqueConstraint('customer_id', name=op.f('uq_retail_profile_customer_id'))
    )
    op.create_table('score_snapshot',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('board_id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('model_run_id', sa.Integer(), nullable=True),
    sa.Column('life_cycle', sa.String(length=40), nullable=False),
    sa.Column('r_score', sa.Integer(), nullable=True),
    sa.Column('f_score', sa.Integer(), nullable=True),
    sa.Column('m_score', sa.Integer(), nullable=True),
    sa.Column('segment', sa.String(length=40), nullable=True),
    sa.Column('p_alive', sa.Float(), nullable=True),
    sa.Column('expected_orders', sa.Float(), nullable=True),
    sa.Column('expected_value', sa.BigInteger(), nullable=True),
    sa.Column('lifetime_value', sa.BigInteger(), nullable=True),
    sa.Column('value_at_risk', sa.BigInteger(), nullable=True),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['board_id'], ['org_unit.id'], name=op.f('fk_score_snapshot_board_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_score_snapshot_customer_id')),
    sa.ForeignKeyConstraint(['model_run_id'], ['model_run.id'], name=op.f('fk_score_snapshot_model_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score_snapshot')),
    sa.UniqueConstraint('as_of', 'customer_id', name=op.f('uq_score_snapshot_as_of_customer_id'))
    )
    op.create_index('ix_score_snapshot_customer', 'score_snapshot', ['customer_id', 'as_of'], unique=False)
    op.create_table('order_line',
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=True),
    sa.Column('description', sa.String(length=300), nullable=True),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('unit_price', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_order_line_order_id')),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], name=op.f('fk_order_line_product_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_line'))
    )
    op.create_index(op.f('ix_order_line_order_id'), 'order_line', ['order_id'], unique=False)
    op.create_index(op.f('ix_order_line_product_id'), 'order_line', ['product_id'], unique=False)
