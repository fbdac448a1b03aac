#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/prctl.h>

// Swift sees neither variadic functions nor function-like macros: what it needs of them.

static inline EVP_PKEY *rekey_rsa_generate(unsigned int bits) {
  return EVP_RSA_gen(bits);
}

static inline EVP_PKEY *rekey_p256_generate(void) { return EVP_EC_gen("P-256"); }

// The names of parameters must outlive the builder, which a Swift string passed to C does not.
static inline EVP_PKEY *rekey_rsa_public(const BIGNUM *modulus, const BIGNUM *exponent) {
  EVP_PKEY *key = NULL;
  OSSL_PARAM *parameters = NULL;
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
  if (builder != NULL && context != NULL &&
      OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
      OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1 &&
      (parameters = OSSL_PARAM_BLD_to_param(builder)) != NULL &&
      EVP_PKEY_fromdata_init(context) == 1 &&
      EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    key = NULL;
  }
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  EVP_PKEY_CTX_free(context);
  return key;
}

static inline long rekey_bio_memory(BIO *bio, char **start) {
  return BIO_get_mem_data(bio, start);
}

static inline int rekey_print_name(BIO *bio, const X509_NAME *name) {
  return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

static inline int rekey_add_common_name(X509_NAME *name, const char *text, int byte_count) {
  return X509_NAME_add_entry_by_NID(
      name, NID_commonName, MBSTRING_UTF8, (const unsigned char *)text, byte_count, -1, 0);
}

static inline int rekey_add_extension(X509 *certificate, int nid, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, &context, nid, value);
  if (extension == NULL) return 0;
  int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return added;
}

// The typed stacks are macros over the untyped one.

static inline STACK_OF(X509) *rekey_certificates_new(void) { return sk_X509_new_null(); }

// The stack borrows the certificate.
static inline int rekey_certificates_push(STACK_OF(X509) *stack, X509 *certificate) {
  return sk_X509_push(stack, certificate);
}

static inline void rekey_certificates_free(STACK_OF(X509) *stack) { sk_X509_free(stack); }

static inline int rekey_certificates_count(STACK_OF(X509) *stack) { return sk_X509_num(stack); }

static inline X509 *rekey_certificates_at(STACK_OF(X509) *stack, int index) {
  return sk_X509_value(stack, index);
}

static inline int rekey_signers_count(CMS_ContentInfo *cms) {
  STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
  return signers == NULL ? 0 : sk_CMS_SignerInfo_num(signers);
}

static inline CMS_SignerInfo *rekey_signers_at(CMS_ContentInfo *cms, int index) {
  return sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), index);
}

// prctl(2) is variadic too, and there is no other module for three lines of C.
static inline int rekey_name_thread(const char *name) {
  return prctl(PR_SET_NAME, name, 0, 0, 0);
}

static inline int rekey_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

static inline int rekey_are_dumps_allowed(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }
