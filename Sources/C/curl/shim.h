#pragma once

// Swift cannot call variadic functions: one typed wrapper per kind of argument.
// The macros that check types need an optimising GCC and only get in clang's way.
#ifndef CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_TYPECHECK
#endif

#include <curl/curl.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline CURLcode rekey_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode rekey_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode rekey_curl_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode rekey_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode rekey_curl_set_list(
    CURL *easy, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode rekey_curl_set_callback(
    CURL *easy, CURLoption option, curl_write_callback value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode rekey_curl_get_long(CURL *easy, CURLINFO info, long *value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode rekey_curl_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode rekey_curl_get_private(CURL *easy, uintptr_t *value) {
  char *pointer = NULL;
  CURLcode code = curl_easy_getinfo(easy, CURLINFO_PRIVATE, &pointer);
  *value = (uintptr_t)pointer;
  return code;
}

static inline CURLcode rekey_curl_set_private(CURL *easy, uintptr_t value) {
  return curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)value);
}

static inline CURLMcode rekey_curl_multi_set_long(
    CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

// The union inside CURLMsg, whose member follows from `msg`.
static inline CURLcode rekey_curl_message_result(const CURLMsg *message) {
  return message->data.result;
}

// A child process must not inherit a connection.
static int rekey_curl_socket_created(void *context, curl_socket_t socket, curlsocktype purpose) {
  (void)context;
  (void)purpose;
  return fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

static inline CURLcode rekey_curl_close_sockets_on_exec(CURL *easy) {
  return curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, rekey_curl_socket_created);
}

// libcurl copies headers, bodies and URLs into memory of its own, and frees it as it is. These
// erase whatever it frees.
static void rekey_curl_free(void *pointer) {
  if (pointer == NULL) return;
  explicit_bzero(pointer, malloc_usable_size(pointer));
  free(pointer);
}

static void *rekey_curl_malloc(size_t size) { return malloc(size); }

static void *rekey_curl_calloc(size_t count, size_t size) { return calloc(count, size); }

static char *rekey_curl_strdup(const char *text) { return strdup(text); }

static void *rekey_curl_realloc(void *pointer, size_t size) {
  if (pointer == NULL) return malloc(size);
  size_t usable = malloc_usable_size(pointer);
  if (size <= usable && size > usable / 2) return pointer;
  void *moved = malloc(size);
  if (moved == NULL) return NULL;
  memcpy(moved, pointer, usable < size ? usable : size);
  rekey_curl_free(pointer);
  return moved;
}

static inline CURLcode rekey_curl_global_init(void) {
  return curl_global_init_mem(
      CURL_GLOBAL_DEFAULT, rekey_curl_malloc, rekey_curl_free, rekey_curl_realloc,
      rekey_curl_strdup, rekey_curl_calloc);
}
