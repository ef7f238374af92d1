# %% [markdown]
# # to come
