-- A certificate is written once, as the entries it was computed from.
CREATE FUNCTION stock_certificate_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sku_certificate_is_final: a certificate never changes'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'sku_certificate_is_final';
END $$;

CREATE TRIGGER sku_certificate_is_final BEFORE UPDATE OR DELETE ON stock_skucertificate
    FOR EACH ROW EXECUTE FUNCTION stock_certificate_is_final();

CREATE TRIGGER sku_certificate_is_final_whole BEFORE TRUNCATE ON stock_skucertificate
    FOR EACH STATEMENT EXECUTE FUNCTION stock_certificate_is_final();
