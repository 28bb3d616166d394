-- Syncline's tables in Supabase: what the connector com.syncline.supabase writes and reads.
--
-- Run the whole file in the project's SQL editor, or with psql as the role that owns schema public.
-- PostgreSQL 15 or newer with Supabase's roles anon, authenticated and service_role. It can be run
-- again at any time: tables that are there keep their rows and columns, the rest is put right.
--
--   * Every row belongs to a tenant and is known by (tenant_id, source_system, source_id).
--     source_system names platform and connection ('woocommerce:shop'), so that two shops never meet.
--   * Amounts are numeric without a fixed scale: 12.30 stays 12.30. Never add up two currencies.
--   * service_role (Syncline) writes; authenticated people read the rows of the tenant that their JWT
--     names in the claim tenant_id (top level or in app_metadata); anon may do nothing.
--   * Below each index stands the query it serves, as the index's comment; a test explains each one.

begin;

-- The tenant of the person who asks; null without a claim, and null matches no row.
create or replace function public.syncline_tenant_id() returns text
    language sql stable
    set search_path = ''
as $$
    select coalesce(claims ->> 'tenant_id', claims -> 'app_metadata' ->> 'tenant_id')
      from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb as claims) as jwt
$$;
comment on function public.syncline_tenant_id() is
    'The claim tenant_id of the request''s JWT. user_metadata is not looked at: users can edit it.';

-- Rows written again with the same content keep updated_at, so that whoever reads by updated_at does
-- not see them again.
create or replace function public.syncline_set_updated_at() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.created_at = old.created_at;
    new.updated_at = old.updated_at;
    if new is distinct from old then
        new.updated_at = now();
    end if;
    return new;
end
$$;

-- Tables ------------------------------------------------------------------------------------------

create table if not exists public.customers (
    id                 bigint      generated always as identity primary key,
    tenant_id          text        not null check (tenant_id <> ''),
    source_system      text        not null check (source_system <> ''),
    source_id          text        not null check (source_id <> ''),
    email              text,
    first_name         text,
    last_name          text,
    company            text,
    phone              text,
    username           text,
    role               text,
    guest              boolean     not null default false,
    active             boolean     not null default true,
    billing            jsonb,
    shipping           jsonb,
    issues             jsonb       not null default '[]',
    raw                jsonb,
    source_created_at  timestamptz,
    source_updated_at  timestamptz,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    deleted_at         timestamptz,
    constraint customers_source_key unique (tenant_id, source_system, source_id)
);

create table if not exists public.products (
    id                 bigint      generated always as identity primary key,
    tenant_id          text        not null check (tenant_id <> ''),
    source_system      text        not null check (source_system <> ''),
    source_id          text        not null check (source_id <> ''),
    parent_source_id   text,
    sku                text,
    name               text        not null,
    type               text,
    status             text,
    active             boolean     not null default true,
    description        text,
    currency           text        check (currency ~ '^[A-Z]{3}$'),
    price              numeric     check (price between -999999999999999 and 999999999999999),
    regular_price      numeric     check (regular_price between -999999999999999 and 999999999999999),
    sale_price         numeric     check (sale_price between -999999999999999 and 999999999999999),
    taxable            boolean     not null default true,
    tax_class          text,
    manage_stock       boolean     not null default false,
    stock_quantity     numeric,
    attributes         jsonb       not null default '[]',
    issues             jsonb       not null default '[]',
    raw                jsonb,
    source_created_at  timestamptz,
    source_updated_at  timestamptz,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    deleted_at         timestamptz,
    constraint products_source_key unique (tenant_id, source_system, source_id),
    constraint products_parent_fkey foreign key (tenant_id, source_system, parent_source_id)
        references public.products (tenant_id, source_system, source_id) on delete cascade
);

create table if not exists public.orders (
    id                 bigint      generated always as identity primary key,
    tenant_id          text        not null check (tenant_id <> ''),
    source_system      text        not null check (source_system <> ''),
    source_id          text        not null check (source_id <> ''),
    number             text,
    status             text        not null check (status in ('pending', 'on-hold', 'processing', 'completed', 'cancelled', 'refunded', 'failed', 'draft', 'trash', 'other')),
    source_status      text,
    payment_status     text        not null check (payment_status in ('unpaid', 'paid', 'partially_refunded', 'refunded')),
    customer_source_id text,
    customer_email     text,
    customer_name      text,
    billing            jsonb,
    shipping           jsonb,
    currency           text        not null check (currency ~ '^[A-Z]{3}$'),
    prices_include_tax boolean     not null default false,
    discount_total     numeric     not null default 0 check (discount_total between -999999999999999 and 999999999999999),
    shipping_total     numeric     not null default 0 check (shipping_total between -999999999999999 and 999999999999999),
    tax_total          numeric     not null default 0 check (tax_total between -999999999999999 and 999999999999999),
    total              numeric     not null check (total between -999999999999999 and 999999999999999),
    refunded_total     numeric     not null default 0 check (refunded_total between -999999999999999 and 999999999999999),
    payment_method     text,
    payment_title      text,
    transaction_id     text,
    customer_note      text,
    discounts          jsonb       not null default '[]',
    tax_lines          jsonb       not null default '[]',
    refunds            jsonb       not null default '[]',
    issues             jsonb       not null default '[]',
    raw                jsonb,
    paid_at            timestamptz,
    completed_at       timestamptz,
    source_created_at  timestamptz not null,
    source_updated_at  timestamptz,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    deleted_at         timestamptz,
    constraint orders_source_key unique (tenant_id, source_system, source_id)
);

create table if not exists public.order_lines (
    id                  bigint      generated always as identity primary key,
    tenant_id           text        not null check (tenant_id <> ''),
    source_system       text        not null check (source_system <> ''),
    source_id           text        not null check (source_id <> ''),
    order_source_id     text        not null,
    line_type           text        not null check (line_type in ('item', 'shipping', 'fee')),
    position            integer     not null,
    product_source_id   text,
    variation_source_id text,
    sku                 text,
    name                text,
    quantity            numeric     not null default 1,
    unit_price          numeric,
    currency            text        not null check (currency ~ '^[A-Z]{3}$'),
    subtotal            numeric     check (subtotal between -999999999999999 and 999999999999999),
    subtotal_tax        numeric     check (subtotal_tax between -999999999999999 and 999999999999999),
    total               numeric     not null check (total between -999999999999999 and 999999999999999),
    total_tax           numeric     not null default 0 check (total_tax between -999999999999999 and 999999999999999),
    tax_class           text,
    taxes               jsonb       not null default '[]',
    raw                 jsonb,
    source_created_at   timestamptz,
    source_updated_at   timestamptz,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    constraint order_lines_source_key unique (tenant_id, source_system, source_id),
    constraint order_lines_order_fkey foreign key (tenant_id, source_system, order_source_id)
        references public.orders (tenant_id, source_system, source_id) on delete cascade
);

create table if not exists public.invoices (
    id                 bigint      generated always as identity primary key,
    tenant_id          text        not null check (tenant_id <> ''),
    source_system      text        not null check (source_system <> ''),
    source_id          text        not null check (source_id <> ''),
    number             text,
    order_source_id    text,
    status             text        not null,
    customer_source_id text,
    customer_name      text,
    customer_email     text,
    currency           text        not null check (currency ~ '^[A-Z]{3}$'),
    issued_on          date,
    due_on             date,
    lines              jsonb       not null default '[]',
    tax_total          numeric     not null default 0 check (tax_total between -999999999999999 and 999999999999999),
    total              numeric     not null check (total between -999999999999999 and 999999999999999),
    balance            numeric     not null default 0 check (balance between -999999999999999 and 999999999999999),
    issues             jsonb       not null default '[]',
    raw                jsonb,
    source_created_at  timestamptz,
    source_updated_at  timestamptz,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    deleted_at         timestamptz,
    constraint invoices_source_key unique (tenant_id, source_system, source_id)
);

create table if not exists public.id_mappings (
    id                 bigint      generated always as identity primary key,
    tenant_id          text        not null check (tenant_id <> ''),
    source_system      text        not null check (source_system <> ''),
    source_id          text        not null check (source_id <> ''),
    entity             text        not null,
    record_id          text        not null,
    target_system      text        not null,
    role               text        not null default '',
    target_id          text        not null,
    target_version     text,
    currency           text        check (currency ~ '^[A-Z]{3}$'),
    target_total       numeric     check (target_total between -999999999999999 and 999999999999999),
    raw                jsonb,
    source_created_at  timestamptz,
    source_updated_at  timestamptz,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    constraint id_mappings_source_key unique (tenant_id, source_system, source_id),
    constraint id_mappings_record_key unique (tenant_id, source_system, entity, record_id, target_system, role)
);

create table if not exists public.sync_logs (
    id                 bigint      generated always as identity primary key,
    tenant_id          text        not null check (tenant_id <> ''),
    source_system      text        not null check (source_system <> ''),
    source_id          text        not null check (source_id <> ''),
    flow               text        not null,
    entity             text        not null,
    status             text        not null check (status in ('queued', 'running', 'completed', 'partial', 'failed', 'stopped')),
    records_read       bigint      not null default 0,
    records_created    bigint      not null default 0,
    records_updated    bigint      not null default 0,
    records_skipped    bigint      not null default 0,
    records_held       bigint      not null default 0,
    records_failed     bigint      not null default 0,
    currency           text        check (currency ~ '^[A-Z]{3}$'),
    amount_total       numeric     check (amount_total between -999999999999999 and 999999999999999),
    message            text,
    raw                jsonb,
    started_at         timestamptz,
    finished_at        timestamptz,
    source_created_at  timestamptz,
    source_updated_at  timestamptz,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    constraint sync_logs_source_key unique (tenant_id, source_system, source_id)
);

-- Of projects whose tables are older than these columns.
alter table public.customers add column if not exists deleted_at timestamptz;
alter table public.products  add column if not exists deleted_at timestamptz;
alter table public.orders    add column if not exists deleted_at timestamptz;
alter table public.invoices  add column if not exists deleted_at timestamptz;

-- Triggers ----------------------------------------------------------------------------------------

create or replace trigger customers_set_updated_at before update on public.customers
    for each row execute function public.syncline_set_updated_at();
create or replace trigger products_set_updated_at before update on public.products
    for each row execute function public.syncline_set_updated_at();
create or replace trigger orders_set_updated_at before update on public.orders
    for each row execute function public.syncline_set_updated_at();
create or replace trigger order_lines_set_updated_at before update on public.order_lines
    for each row execute function public.syncline_set_updated_at();
create or replace trigger invoices_set_updated_at before update on public.invoices
    for each row execute function public.syncline_set_updated_at();
create or replace trigger id_mappings_set_updated_at before update on public.id_mappings
    for each row execute function public.syncline_set_updated_at();
create or replace trigger sync_logs_set_updated_at before update on public.sync_logs
    for each row execute function public.syncline_set_updated_at();

-- Indexes, each with the query it serves ----------------------------------------------------------
-- The unique keys above serve upserts, look-ups by source id, and the lines' way to their order.

create index if not exists customers_email_idx on public.customers (tenant_id, email);
comment on index public.customers_email_idx is
    'select * from public.customers where tenant_id = ''acme'' and email = ''ann@shop.example''';
create index if not exists customers_changed_idx on public.customers (updated_at, id);
comment on index public.customers_changed_idx is
    'select * from public.customers where updated_at >= ''2026-11-01'' and updated_at < ''2026-11-02'' order by updated_at, id limit 1000';

create index if not exists products_sku_idx on public.products (tenant_id, sku);
comment on index public.products_sku_idx is
    'select * from public.products where tenant_id = ''acme'' and sku = ''MUG-RED''';
create index if not exists products_parent_idx on public.products (tenant_id, source_system, parent_source_id) where parent_source_id is not null;
comment on index public.products_parent_idx is
    'select * from public.products where tenant_id = ''acme'' and source_system = ''woocommerce:shop'' and parent_source_id in (''17'', ''18'')';
create index if not exists products_changed_idx on public.products (updated_at, id);
comment on index public.products_changed_idx is
    'select * from public.products where updated_at >= ''2026-11-01'' and updated_at < ''2026-11-02'' order by updated_at, id limit 1000';

create index if not exists orders_date_idx on public.orders (tenant_id, source_created_at desc);
comment on index public.orders_date_idx is
    'select * from public.orders where tenant_id = ''acme'' order by source_created_at desc limit 50';
create index if not exists orders_status_idx on public.orders (tenant_id, status, source_created_at desc);
comment on index public.orders_status_idx is
    'select * from public.orders where tenant_id = ''acme'' and status = ''on-hold'' order by source_created_at desc limit 50';
create index if not exists orders_number_idx on public.orders (tenant_id, number);
comment on index public.orders_number_idx is
    'select * from public.orders where tenant_id = ''acme'' and number = ''10042''';
create index if not exists orders_customer_idx on public.orders (tenant_id, source_system, customer_source_id, source_created_at desc) where customer_source_id is not null;
comment on index public.orders_customer_idx is
    'select * from public.orders where tenant_id = ''acme'' and source_system = ''woocommerce:shop'' and customer_source_id = ''7'' order by source_created_at desc';
create index if not exists orders_email_idx on public.orders (tenant_id, customer_email, source_created_at desc);
comment on index public.orders_email_idx is
    'select * from public.orders where tenant_id = ''acme'' and customer_email = ''ann@shop.example'' order by source_created_at desc';
create index if not exists orders_unpaid_idx on public.orders (tenant_id, source_created_at) where payment_status = 'unpaid';
comment on index public.orders_unpaid_idx is
    'select * from public.orders where tenant_id = ''acme'' and payment_status = ''unpaid'' order by source_created_at limit 50';
create index if not exists orders_sales_idx on public.orders (tenant_id, currency, source_created_at) include (total) where status not in ('cancelled', 'refunded', 'failed', 'draft', 'trash') and deleted_at is null;
comment on index public.orders_sales_idx is
    'select sum(total) from public.sales_orders where tenant_id = ''acme'' and currency = ''USD'' and source_created_at >= ''2026-11-01''';
create index if not exists orders_changed_idx on public.orders (updated_at, id);
comment on index public.orders_changed_idx is
    'select * from public.orders where updated_at >= ''2026-11-01'' and updated_at < ''2026-11-02'' order by updated_at, id limit 1000';

create index if not exists order_lines_order_idx on public.order_lines (tenant_id, source_system, order_source_id, position);
comment on index public.order_lines_order_idx is
    'select * from public.order_lines where tenant_id = ''acme'' and source_system = ''woocommerce:shop'' and order_source_id = ''730'' order by position';
create index if not exists order_lines_product_idx on public.order_lines (tenant_id, source_system, product_source_id) where product_source_id is not null;
comment on index public.order_lines_product_idx is
    'select * from public.order_lines where tenant_id = ''acme'' and source_system = ''woocommerce:shop'' and product_source_id = ''17''';
create index if not exists order_lines_sku_idx on public.order_lines (tenant_id, sku) where sku is not null;
comment on index public.order_lines_sku_idx is
    'select * from public.order_lines where tenant_id = ''acme'' and sku = ''MUG-RED''';

create index if not exists invoices_order_idx on public.invoices (tenant_id, order_source_id) where order_source_id is not null;
comment on index public.invoices_order_idx is
    'select * from public.invoices where tenant_id = ''acme'' and order_source_id = ''730''';
create index if not exists invoices_due_idx on public.invoices (tenant_id, due_on) where status = 'open';
comment on index public.invoices_due_idx is
    'select * from public.invoices where tenant_id = ''acme'' and status = ''open'' and due_on < ''2026-12-01'' order by due_on';
create index if not exists invoices_changed_idx on public.invoices (updated_at, id);
comment on index public.invoices_changed_idx is
    'select * from public.invoices where updated_at >= ''2026-11-01'' and updated_at < ''2026-11-02'' order by updated_at, id limit 1000';

create index if not exists id_mappings_target_idx on public.id_mappings (tenant_id, target_system, target_id);
comment on index public.id_mappings_target_idx is
    'select * from public.id_mappings where tenant_id = ''acme'' and target_system = ''quickbooks:books'' and target_id = ''145''';

create index if not exists sync_logs_started_idx on public.sync_logs (tenant_id, started_at desc);
comment on index public.sync_logs_started_idx is
    'select * from public.sync_logs where tenant_id = ''acme'' order by started_at desc limit 50';
create index if not exists sync_logs_failed_idx on public.sync_logs (tenant_id, started_at desc) where status in ('partial', 'failed');
comment on index public.sync_logs_failed_idx is
    'select * from public.sync_logs where tenant_id = ''acme'' and status in (''partial'', ''failed'') order by started_at desc limit 20';

-- Views: they run with the rights of whoever asks, so row level security holds in them too ----------

create or replace view public.sales_orders with (security_invoker = true) as
    select *
      from public.orders
     where status not in ('cancelled', 'refunded', 'failed', 'draft', 'trash')
       and deleted_at is null;

create or replace view public.sales_summary with (security_invoker = true) as
    select tenant_id,
           source_system,
           (source_created_at at time zone 'UTC')::date                              as sale_date,
           currency,
           count(*)                                                                  as order_count,
           sum(total)                                                                as gross_total,
           sum(discount_total)                                                       as discount_total,
           sum(shipping_total)                                                       as shipping_total,
           sum(tax_total)                                                            as tax_total,
           sum(refunded_total)                                                       as refunded_total,
           sum(total - refunded_total)                                               as net_total,
           coalesce(sum(total) filter (where payment_status <> 'unpaid'), 0)         as paid_total,
           coalesce(sum(total) filter (where payment_status = 'unpaid'), 0)          as unpaid_total,
           round(avg(total), 4)                                                      as average_order_total
      from public.sales_orders
     group by tenant_id, source_system, sale_date, currency;

create or replace view public.product_performance with (security_invoker = true) as
    select l.tenant_id,
           l.source_system,
           coalesce(l.variation_source_id, l.product_source_id, 'sku:' || l.sku, 'name:' || l.name, '') as product_key,
           l.product_source_id,
           l.variation_source_id,
           (array_agg(l.sku order by o.source_created_at desc, l.id desc))[1]        as sku,
           (array_agg(l.name order by o.source_created_at desc, l.id desc))[1]       as name,
           l.currency,
           count(distinct l.order_source_id)                                         as order_count,
           sum(l.quantity)                                                           as units_sold,
           sum(l.total)                                                              as net_sales,
           sum(l.total_tax)                                                          as tax_total,
           round(sum(l.total) / nullif(sum(l.quantity), 0), 4)                       as average_unit_price,
           min(o.source_created_at)                                                  as first_sold_at,
           max(o.source_created_at)                                                  as last_sold_at
      from public.order_lines as l
      join public.sales_orders as o
        on o.tenant_id = l.tenant_id and o.source_system = l.source_system and o.source_id = l.order_source_id
     where l.line_type = 'item'
     group by l.tenant_id, l.source_system, product_key, l.product_source_id, l.variation_source_id, l.currency;

create or replace view public.customer_lifetime_value with (security_invoker = true) as
    select tenant_id,
           source_system,
           coalesce(customer_source_id, 'guest:' || coalesce(customer_email, ''))    as customer_key,
           customer_source_id,
           (array_agg(customer_email order by source_created_at desc, id desc))[1]   as customer_email,
           (array_agg(customer_name order by source_created_at desc, id desc))[1]    as customer_name,
           currency,
           count(*)                                                                  as order_count,
           sum(total)                                                                as gross_total,
           sum(refunded_total)                                                       as refunded_total,
           sum(total - refunded_total)                                               as lifetime_value,
           round(avg(total), 4)                                                      as average_order_total,
           min(source_created_at)                                                    as first_order_at,
           max(source_created_at)                                                    as last_order_at
      from public.sales_orders
     group by tenant_id, source_system, customer_key, customer_source_id, currency;

-- Row level security ------------------------------------------------------------------------------
-- service_role has BYPASSRLS in Supabase and needs no policy. The sub-select makes PostgreSQL read
-- the claim once per query, not once per row.

alter table public.customers   enable row level security;
alter table public.products    enable row level security;
alter table public.orders      enable row level security;
alter table public.order_lines enable row level security;
alter table public.invoices    enable row level security;
alter table public.id_mappings enable row level security;
alter table public.sync_logs   enable row level security;

drop policy if exists customers_of_tenant on public.customers;
create policy customers_of_tenant on public.customers for select to authenticated
    using (tenant_id = (select public.syncline_tenant_id()));
drop policy if exists products_of_tenant on public.products;
create policy products_of_tenant on public.products for select to authenticated
    using (tenant_id = (select public.syncline_tenant_id()));
drop policy if exists orders_of_tenant on public.orders;
create policy orders_of_tenant on public.orders for select to authenticated
    using (tenant_id = (select public.syncline_tenant_id()));
drop policy if exists order_lines_of_tenant on public.order_lines;
create policy order_lines_of_tenant on public.order_lines for select to authenticated
    using (tenant_id = (select public.syncline_tenant_id()));
drop policy if exists invoices_of_tenant on public.invoices;
create policy invoices_of_tenant on public.invoices for select to authenticated
    using (tenant_id = (select public.syncline_tenant_id()));
drop policy if exists id_mappings_of_tenant on public.id_mappings;
create policy id_mappings_of_tenant on public.id_mappings for select to authenticated
    using (tenant_id = (select public.syncline_tenant_id()));
drop policy if exists sync_logs_of_tenant on public.sync_logs;
create policy sync_logs_of_tenant on public.sync_logs for select to authenticated
    using (tenant_id = (select public.syncline_tenant_id()));

-- Grants ------------------------------------------------------------------------------------------
-- Explicit, since newer projects grant nothing by default and older ones grant everything. Identity
-- columns need no grant on their sequence.

revoke all on public.customers, public.products, public.orders, public.order_lines, public.invoices,
    public.id_mappings, public.sync_logs from public, anon, authenticated, service_role;
revoke all on public.sales_orders, public.sales_summary, public.product_performance,
    public.customer_lifetime_value from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.customers, public.products, public.orders,
    public.order_lines, public.invoices, public.id_mappings, public.sync_logs to service_role;
grant select on public.customers, public.products, public.orders, public.order_lines,
    public.invoices, public.id_mappings, public.sync_logs to authenticated;
grant select on public.sales_orders, public.sales_summary, public.product_performance,
    public.customer_lifetime_value to authenticated, service_role;
revoke all on function public.syncline_tenant_id() from public, anon;
grant execute on function public.syncline_tenant_id() to authenticated, service_role;
revoke all on function public.syncline_set_updated_at() from public, anon, authenticated;

-- Comments ----------------------------------------------------------------------------------------

comment on table public.customers is 'Customers of all sources; a guest is known by e-mail only.';
comment on column public.customers.source_id is 'Id at the source; of a guest ''guest:'' and the e-mail in lower case.';
comment on column public.customers.email is 'Trimmed and in lower case.';
comment on column public.customers.active is 'False when the source no longer lets the customer buy.';
comment on column public.customers.raw is 'The source''s own form, unchanged.';
comment on column public.customers.deleted_at is 'When the customer was found to be gone at its source; null while it is there.';

comment on table public.products is 'One row per product and per variation.';
comment on column public.products.parent_source_id is 'Of a variation: source_id of its product.';
comment on column public.products.currency is 'Of the three prices; null when there is none.';
comment on column public.products.price is 'What a buyer pays now.';
comment on column public.products.raw is 'The source''s own form, unchanged.';
comment on column public.products.deleted_at is 'When the product was found to be gone at its source; null while it is there.';

comment on table public.orders is 'Orders of all sources and in every state. Sales are in sales_orders.';
comment on column public.orders.number is 'For people; may differ from source_id.';
comment on column public.orders.source_status is 'The source''s own word for the status.';
comment on column public.orders.customer_source_id is 'customers.source_id; null for a guest.';
comment on column public.orders.customer_email is 'As on the order, trimmed and in lower case.';
comment on column public.orders.total is 'What the buyer pays, tax included: the sum of total and total_tax over the order''s lines. Refunds do not reduce it.';
comment on column public.orders.discount_total is 'Already taken off the lines'' totals.';
comment on column public.orders.refunded_total is 'Sum of the refunds so far, positive.';
comment on column public.orders.prices_include_tax is 'How the shop enters prices. Line totals are net either way.';
comment on column public.orders.issues is 'What made a figure doubtful when it was read: code, path and value.';
comment on column public.orders.raw is 'The source''s own form, unchanged.';
comment on column public.orders.deleted_at is 'When the order was found to be gone at its source; null while it is there.';
comment on column public.orders.source_updated_at is 'When the source changed the order; updated_at is when this row changed.';

comment on table public.order_lines is 'Items, shipping and fees of orders. Lines gone from the order are deleted here.';
comment on column public.order_lines.source_id is 'Order id, line type and line id: ''730:item:12''.';
comment on column public.order_lines.order_source_id is 'orders.source_id of the same tenant and source.';
comment on column public.order_lines.position is 'Place in the order, from 1.';
comment on column public.order_lines.unit_price is 'As the source derives it; do not add it up, use total.';
comment on column public.order_lines.subtotal is 'Before coupons, without tax; null for shipping and fees.';
comment on column public.order_lines.total is 'After coupons, without tax.';
comment on column public.order_lines.taxes is 'The line''s tax by rate.';
comment on column public.order_lines.raw is 'The source''s own form where it comes apart from the order''s; mostly null, see orders.raw.';
comment on column public.order_lines.source_updated_at is 'Null: a line has no time of change of its own, see its order.';

comment on table public.invoices is 'Invoices as the books have them.';
comment on column public.invoices.order_source_id is 'Id of the shop''s order, where known.';
comment on column public.invoices.issued_on is 'A calendar date in the company''s time zone.';
comment on column public.invoices.balance is 'What is still to be paid.';
comment on column public.invoices.raw is 'The source''s own form, unchanged.';
comment on column public.invoices.deleted_at is 'When the invoice was found to be gone at its source; null while it is there.';

comment on table public.id_mappings is 'Which record of a source is which document of another system: Syncline''s own id mappings, by a flow of the platform syncline.';
comment on column public.id_mappings.source_id is 'Entity, record, target and role joined by ''/'', as ''order/730/quickbooks:books/invoice''.';
comment on column public.id_mappings.record_id is 'The record''s id at the source.';
comment on column public.id_mappings.role is 'Tells documents of one record apart: invoice, payment.';
comment on column public.id_mappings.target_total is 'For figures of your own: Syncline keeps no totals with its mappings and leaves it alone.';

comment on table public.sync_logs is 'Runs of flows: Syncline''s own history, by a flow of the platform syncline.';
comment on column public.sync_logs.source_id is 'Id of the run.';
comment on column public.sync_logs.amount_total is 'For figures of your own: Syncline adds up no amounts of a run and leaves it alone.';

comment on view public.sales_orders is 'Orders that count as sales: not cancelled, refunded, failed, draft or trash, and not gone at their source. Unpaid ones count; see payment_status.';
comment on view public.sales_summary is 'Sales by day (UTC) and currency. net_total is gross_total less refunds of orders that still are sales.';
comment on view public.product_performance is 'What sold, by product or variation and currency, before refunds of single lines.';
comment on view public.customer_lifetime_value is 'What each customer bought, by currency. Guests are told apart by e-mail.';

commit;

-- PostgREST caches the schema; Supabase also does this by itself.
notify pgrst, 'reload schema';
